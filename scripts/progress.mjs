import { spawn } from 'node:child_process';

/** A sentence for a person: what went wrong, where, how to repair it. Shown without a stack. */
export class Trouble extends Error {}

const isTerminal = process.stdout.isTTY === true && !process.env['CI'];
const colour = (code, text) =>
  isTerminal && !process.env['NO_COLOR'] ? `\x1b[${code}m${text}\x1b[0m` : text;
export const green = (text) => colour('32', text);
export const red = (text) => colour('31', text);
export const dim = (text) => colour('2', text);
export const bold = (text) => colour('1', text);

export const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

/** One line of news that belongs to no step. */
export function say(text) {
  process.stdout.write(`${text}\n`);
}

/**
 * Runs `work` as one step with a line of its own: shown while it runs, ticked with its time when it is done.
 * `work` gets a function that adds a detail to that line. Gives back what `work` gives back.
 */
export async function step(title, work, { slow = false } = {}) {
  const started = performance.now();
  let detail = '';
  let timer;
  if (isTerminal) {
    const draw = () =>
      process.stdout.write(`\r\x1b[K${dim('•')} ${title} ${dim(seconds(performance.now() - started))}`);
    draw();
    timer = setInterval(draw, 200);
  } else if (slow) {
    say(`• ${title} …`);
  }
  const close = (mark) => {
    clearInterval(timer);
    if (isTerminal) process.stdout.write('\r\x1b[K');
    say(`${mark} ${title}${detail ? `: ${detail}` : ''} ${dim(`(${seconds(performance.now() - started)})`)}`);
  };
  try {
    const result = await work((text) => (detail = text));
    close(green('✓'));
    return result;
  } catch (error) {
    close(red('✗'));
    throw error;
  }
}

const running = new Set();

/** Ends every command that {@link command} started and that still runs. */
export function endCommands(signal = 'SIGTERM') {
  for (const child of running) child.kill(signal);
}

/** Runs a command to its end. Gives back its exit code and output; never rejects for a bad exit code. */
export function tryCommand(file, args, { cwd, env, input, echo = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd,
      env,
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    const chunks = { out: [], all: [] };
    running.add(child);
    const take = (stream, keep) =>
      stream.on('data', (chunk) => {
        if (keep) chunks.out.push(chunk);
        chunks.all.push(chunk);
        if (echo) process.stdout.write(chunk);
      });
    take(child.stdout, true);
    take(child.stderr, false);
    if (input !== undefined) child.stdin.end(input);
    child.on('error', (error) => {
      running.delete(child);
      resolve({ code: 127, stdout: '', output: error.message });
    });
    child.on('close', (code, signal) => {
      running.delete(child);
      const text = (list) => Buffer.concat(list).toString('utf8');
      resolve({
        code: code ?? (signal === 'SIGINT' ? 130 : 143),
        stdout: text(chunks.out),
        output: text(chunks.all),
      });
    });
  });
}

/** The end of a text, for showing with an error. */
export function lastLines(text, count) {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}

/** A text cut in its middle: some tools say the reason first, others last. */
function bothEnds(text) {
  const lines = text.trimEnd().split('\n');
  return lines.length <= 30 ? lines.join('\n') : [...lines.slice(0, 15), '…', ...lines.slice(-14)].join('\n');
}

/** Runs a command that must succeed. `purpose` completes "… failed". @throws Trouble with what it said */
export async function command(purpose, file, args, options) {
  const result = await tryCommand(file, args, options);
  if (result.code === 0) return result;
  throw new Trouble(
    `${purpose} failed (${[file, ...args].join(' ')}, exit code ${result.code}):\n${bothEnds(result.output)}`,
  );
}
