import { between, Book, inRounds, mean, repeat } from '../rounds';
import { toChain } from '../shapes';
import type { Case } from '../suite';

const floorName = 'floor';
const goal = { atMost: 1 };

/** A chain of 40 and of 400 tasks, per task beside the floor. */
export const chain: Case = {
  name: 'chain',
  title: 'A chain of 40 and of 400 core.noop tasks',
  async measure(ground, limits) {
    const book = new Book();
    const floor = await ground.floor();
    await ground.startWorkers();
    const chains = [
      { length: 40, runs: 5, ref: await ground.workflow(toChain(40).tasks) },
      { length: 400, runs: 1, ref: await ground.workflow(toChain(400).tasks) },
    ];
    const echoes = await ground.workflow(toChain(40, 'core.echo').tasks);
    for (const { ref, length } of chains) await ground.run(ref, length);
    await ground.run(echoes, 40);
    await inRounds(limits, async () => {
      for (const { ref, length, runs } of chains) {
        const { value: times, floor: beside } = await between(
          () => floor.oneAtATime(),
          () => repeat(runs, () => ground.run(ref, length)),
        );
        const line = { beside: floorName, unit: 'ms', goal };
        const databaseMs = mean(times.map((time) => time.databaseMs)) / length;
        const seenMs = mean(times.map((time) => time.seenMs)) / length;
        book.note(`chain of ${length}, per task, start to end`, { measured: databaseMs, beside }, line);
        book.note(`chain of ${length}, per task, request to end seen`, { measured: seenMs, beside }, line);
      }
      // Each of these is claimed and ended by itself: it prints.
      const { value: printed, floor: besidePrinted } = await between(
        () => floor.oneAtATime(),
        () => repeat(5, () => ground.run(echoes, 40)),
      );
      book.note(
        'chain of 40 core.echo, per task, start to end',
        { measured: mean(printed.map((time) => time.databaseMs)) / 40, beside: besidePrinted },
        { beside: floorName, unit: 'ms', goal: null },
      );
      const { value: commitMs, floor: beside } = await between(
        () => floor.oneAtATime(),
        () => floor.bareCommit(),
      );
      book.note(
        'a bare commit',
        { measured: commitMs, beside },
        { beside: floorName, unit: 'ms', goal: null },
      );
    });
    return book.rows;
  },
};
