import { decideMany } from '@/engine/execution/rehearsals/decide-many';
import { Book, inRounds } from '../rounds';
import type { Case } from '../suite';

const sliceMs = 300;
/** Runs to their ends between two looks at the clock: what a call makes once does not show. */
const roundsAtOnce = 20;
const wantedPerSecond = 100_000;
const small = { type: 'attempt_ended', task: 'build', visit: 1, outcome: 'completed', result: { ok: true } };

/** How many a second `work` does on one core: by this process's own processor time, which busy neighbours do not take. */
function perSecond(work: (rounds: number) => number): number {
  const untilMs = performance.now() + sliceMs;
  const from = processorSeconds();
  let done = 0;
  while (performance.now() < untilMs) done += work(roundsAtOnce);
  return done / (processorSeconds() - from);
}

function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function copyMany(rounds: number): number {
  let copied = 0;
  for (let round = 0; round < rounds * 100; round += 1)
    copied += (JSON.parse(JSON.stringify(small)) as typeof small).visit;
  return copied;
}

/** The engine alone: decisions of runs of a graph of 100 tasks, with nothing stored and nothing carried out. */
export const decisions: Case = {
  name: 'decisions',
  title: 'Decisions a second of the engine alone, on a graph of 100 tasks',
  async measure(_ground, limits) {
    const book = new Book();
    perSecond(decideMany);
    perSecond(copyMany);
    await inRounds(limits, async () => {
      const copies = perSecond(copyMany);
      const decided = perSecond(decideMany);
      book.note(
        'decisions on one core, graph of 100 tasks',
        { measured: decided, beside: wantedPerSecond },
        { beside: 'as wanted', unit: '/s', goal: { atLeast: 1 } },
      );
      book.note(
        'decisions on one core, graph of 100 tasks, machine aside',
        { measured: decided, beside: copies },
        { beside: 'JSON copies of a small object', unit: '/s', goal: null },
      );
    });
    return book.rows;
  },
};
