import yargs, { type Argv } from 'yargs';
import { hideBin } from 'yargs/helpers';
import { answer, approve, inbox, reject } from './commands/approve';
import { executions } from './commands/executions';
import { keys } from './commands/keys';
import { packs } from './commands/packs';
import { run } from './commands/run';
import { login, logout, whoami } from './commands/sign-in';
import type { Common } from './connection';
import { exitCodes, Failure } from './failure';
import { tell } from './print';

/** `attune`, the command line of the studio: a program of its own that knows nothing but the public REST API. */
async function main(words: string[]): Promise<void> {
  const commands = [login, logout, whoami, run, executions, inbox, approve, reject, answer, packs, keys];
  const program = yargs(words)
    .scriptName('attune')
    .usage('$0 <command>\n\nThe command line of Attune Studio.')
    .option('url', {
      type: 'string',
      describe: 'Where the studio is (Default: ATTUNE_URL, else the one signed in to last)',
      global: true,
    })
    .option('json', { type: 'boolean', default: false, describe: 'Print JSON, for programs', global: true })
    // What looks like a number may be a name or a text.
    .parserConfiguration({ 'parse-numbers': false, 'parse-positional-numbers': false })
    .completion('completion', 'Print what bash or zsh needs to complete its commands')
    .demandCommand(1, 'Say what to do.')
    .strict()
    .wrap(Math.min(110, process.stdout.columns || 110))
    .epilogue(
      'ATTUNE_TOKEN: an API token to call with instead of signing in. Exit codes: 0 done, 1 refused or failed, 2 used wrongly, 3 not signed in, 4 the studio does not answer.',
    )
    .exitProcess(false)
    .fail((message, error: Error | undefined) => {
      // What yargs itself finds wrong comes either way; an option without its value comes as an error of its own.
      if (error !== undefined && error.name !== 'YError') throw error;
      throw new Failure(`${error?.message ?? message}\nSee: attune --help`, exitCodes.usage);
    });
  await commands.reduce<Argv<Common>>((all, one) => all.command(one), program).parseAsync();
}

try {
  await main(hideBin(process.argv));
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  tell(error.message);
  process.exitCode = error.exitCode;
}
