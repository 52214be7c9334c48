/** Signing in. */
export const signIn = {
  title: 'Sign in',
  login: 'Login',
  password: 'Password',
  submit: 'Sign in',
  enterLogin: 'Enter your login.',
  enterPassword: 'Enter your password.',
} as const;
