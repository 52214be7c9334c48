/** Signing in. */
export const signIn = {
  title: 'Sign in',
  login: 'Login',
  password: 'Password',
  submit: 'Sign in',
  with: (provider: string) => `Sign in with ${provider}`,
  or: 'or',
  errors: {
    oidc_stale: 'The sign-in took too long, or began in another browser. Try again.',
    oidc_refused: 'The provider did not sign you in. Try again.',
    oidc_unknown: 'You have no account here yet. Ask an administrator for one.',
    oidc_login: 'The provider gives you a name that no login can have. Ask an administrator.',
    oidc_login_taken: 'Your login belongs to another account here. Ask an administrator.',
    oidc_unavailable: 'The provider does not answer. Try again in a moment.',
    oidc_not_configured: 'No provider is configured here.',
    frozen: 'This account is frozen. Ask an administrator to open it.',
    rate_limited: 'Too many calls. Try again in a moment.',
  } as Readonly<Record<string, string | undefined>>,
  otherError: 'Signing in did not work. Try again.',
  enterLogin: 'Enter your login.',
  enterPassword: 'Enter your password.',
} as const;
