import { text } from 'node:stream/consumers';
import { read } from 'read';
import { createApi } from '../../client';
import { answerOf } from '../answer';
import { command } from '../command';
import { connect, studioUrl, toCredentials } from '../connection';
import { forget, keep } from '../credentials';
import { exitCodes, Failure } from '../failure';
import { plain, printJson, say } from '../print';

async function ask(prompt: string, isSecret: boolean): Promise<string> {
  if (!process.stdin.isTTY)
    throw new Failure(
      'There is nobody to ask: give --login and --password-stdin, or --token-stdin.',
      exitCodes.usage,
    );
  return read({ prompt: `${prompt}: `, silent: isSecret, output: process.stderr });
}

const firstLine = async () => (await text(process.stdin)).split('\n')[0]?.replace(/\r$/, '') ?? '';

export const login = command({
  command: 'login',
  describe: 'Sign in, and keep what that gives for the commands that follow',
  builder: (yargs) =>
    yargs
      .option('login', { type: 'string', describe: 'Who you are' })
      .option('password-stdin', { type: 'boolean', default: false, describe: 'Read the password from stdin' })
      .option('token-stdin', {
        type: 'boolean',
        default: false,
        describe: 'Read an API token from stdin, instead of login and password',
      })
      .example('attune login --url https://attune.example.com', 'asks for login and password'),
  handler: async ({ login: given, passwordStdin, tokenStdin, json, ...common }) => {
    if (tokenStdin && (passwordStdin || given !== undefined))
      throw new Failure('--token-stdin stands for login and password: give one of both.', exitCodes.usage);
    const url = studioUrl(common);
    const api = createApi(url, () => null);
    const signIn = async () => {
      if (tokenStdin) return answerOf(api.POST('/auth/token-login', { body: { token: await firstLine() } }));
      const who = given ?? (await ask('Login', false));
      const password = passwordStdin ? await firstLine() : await ask('Password', true);
      return answerOf(api.POST('/auth/login', { body: { login: who, password } })).catch((error: unknown) => {
        // “Sign in with attune login” is what they are doing.
        if (error instanceof Failure && error.exitCode === exitCodes.notSignedIn)
          throw new Failure('The login or the password is wrong.', exitCodes.notSignedIn);
        throw error;
      });
    };
    const { data } = await signIn();
    keep(url, toCredentials(data), true);
    if (json) printJson({ url, user: data.user });
    else say(`Signed in to ${url} as ${plain(data.user.login)}.`);
  },
});

export const logout = command({
  command: 'logout',
  describe: 'Forget what signing in left on this machine',
  builder: (yargs) => yargs,
  handler: ({ json, ...common }) => {
    const url = studioUrl(common);
    const wasThere = forget(url);
    if (json) printJson({ url, forgotten: wasThere });
    else say(wasThere ? `Signed out of ${url}.` : `Nobody was signed in to ${url}.`);
  },
});

export const whoami = command({
  command: 'whoami',
  describe: 'Who is signed in where, and what they hold',
  builder: (yargs) => yargs,
  handler: async ({ json, ...common }) => {
    const url = studioUrl(common);
    const { data } = await answerOf(connect(common).GET('/auth/me'));
    if (json) return printJson({ url, ...data });
    say(`${plain(data.login)} at ${url}, tenant ${data.tenant_id}`);
    say(`Permission sets: ${data.assigned_permission_set_refs.join(', ') || 'none'}`);
  },
});
