import { PassThrough } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Host } from '../host';
import { attempt, openTestHost, textOf } from '../runners/attempt-fixture';
import { keptBytes, Output, rowCharacters, type Chunk } from './output';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const fail = (error: Error) => {
  throw error;
};

describe('the output of an attempt', () => {
  test('is stored in order, in batches, each with the next number', async () => {
    const batches: { seqs: number[]; text: string }[] = [];
    const output = new Output(
      async (chunks, firstSeq) => {
        batches.push({
          seqs: chunks.map((_, index) => firstSeq + index),
          text: chunks.map((c) => c.content).join(''),
        });
      },
      1_000_001,
      fail,
    );
    const source = new PassThrough();
    output.attach('stdout', source);
    for (let line = 0; line < 20_000; line += 1) source.write(`line ${line}\n`);
    source.end();
    await new Promise((resolve) => source.once('close', resolve));
    await output.end();
    const seqs = batches.flatMap((batch) => batch.seqs);
    expect(seqs).toEqual(seqs.map((_, index) => 1_000_001 + index));
    expect(batches.map((batch) => batch.text).join('')).toBe(
      Array.from({ length: 20_000 }, (_, n) => `line ${n}\n`).join(''),
    );
    expect(batches.length).toBeLessThan(40);
  });

  test('keeps the beginning and the end of a long one for the row, and says what is left out', () => {
    const output = new Output(async () => {}, 1, fail);
    output.print('stdout', `first${'x'.repeat(rowCharacters)}last`);
    const { text, isTruncated } = output.summary('stdout');
    expect(isTruncated).toBe(true);
    expect(text).toMatch(/^firstx+\n\[9 characters left out here; the log has them\]\nx+last$/);
  });

  test('that is cut between the halves of a character stays whole text', () => {
    const output = new Output(async () => {}, 1, fail);
    output.print('stdout', `x${'😀'.repeat(rowCharacters)}`);
    expect(output.summary('stdout').text).not.toMatch(/\p{Surrogate}/u);
  });

  test('stops the reading while the database is slow, and goes on after it', async () => {
    let letGo: () => void = () => {};
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    const stored: Chunk[] = [];
    const output = new Output(
      async (chunks) => {
        await gate;
        stored.push(...chunks);
      },
      1,
      fail,
    );
    const source = new PassThrough();
    output.attach('stdout', source);
    for (let part = 0; part < 40; part += 1) source.write('y'.repeat(50_000));
    source.end();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(output.isPaused).toBe(true);
    letGo();
    await new Promise((resolve) => source.once('close', resolve));
    await output.end();
    expect(textOf(stored)).toHaveLength(2_000_000);
  });
});

/** Bytes that something still holds, in the heap and outside of it: what is only waiting to be collected is not counted. */
function heldBytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

// That a worker's process grows by less than 50 MB is measured where it is true, on a real worker: faults/flood.test.ts.
describe('a flood', () => {
  let host: Host & { remove: () => Promise<void> };
  beforeAll(async () => void (host = await openTestHost()));
  afterAll(() => host.remove());

  test('of 200 MB is kept to 10 MB with a mark, and no more than that is ever held in memory', async () => {
    let bytes = 0;
    const code = 'head -c 200000000 /dev/zero | tr "\\0" x; echo end >&2';
    const before = heldBytes();
    let peak = before;
    const watch = setInterval(() => (peak = Math.max(peak, heldBytes())), 100);
    const { outcome, log } = await attempt(
      host,
      { code },
      { write: async (chunks) => void (bytes += textOf(chunks).length) },
    );
    clearInterval(watch);
    expect(outcome).toMatchObject({
      state: 'completed',
      result: { stdout_truncated: true, stderr_truncated: false, stderr: 'end\n' },
    });
    expect(textOf(log).slice(-40)).toMatch(/x\n\[output cut at 10 MB\]\n$/);
    expect(bytes).toBe(keptBytes + '\n[output cut at 10 MB]\n'.length);
    // This test's own log of it, and a few batches on their way.
    expect(peak - before).toBeLessThan(keptBytes + 10e6);
  });
});
