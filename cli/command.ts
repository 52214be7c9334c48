import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import type { Common } from './connection';

interface Described<Own> {
  command: string | string[];
  aliases?: string[];
  describe: string;
  builder: (yargs: Argv<Common>) => Argv<Own>;
  handler: (words: ArgumentsCamelCase<Own>) => void | Promise<void>;
}

/** A command; what its handler is given follows from its builder. */
export function command<Own extends Common>(described: Described<Own>): CommandModule<Common, Common> {
  // yargs builds the words before it calls the handler with them, and has no type that says so for a list of commands.
  return described as unknown as CommandModule<Common, Common>;
}

/** A command that is there for the ones below it. */
export function group(
  name: string,
  aliases: string[],
  describe: string,
  commands: readonly CommandModule<Common, Common>[],
): CommandModule<Common, Common> {
  return {
    command: name,
    aliases,
    describe,
    builder: (yargs) => commands.reduce((all, one) => all.command(one), yargs),
    handler: () => undefined,
  };
}
