import { shapeOf } from './graph-shape';
import type { Step } from './step';

/** Whether a task runs, is held back by a pause, or waits as another join than the one given. */
function isLive(step: Step, name: string, join: string): boolean {
  const { state } = step;
  if (state.isOpen(name) || state.holds(name)) return true;
  const isJoin = (step.graph.tasks.get(name)?.join ?? null) !== null;
  return isJoin && name !== join && (state.joinOf(name)?.waiting ?? 0) > 0;
}

/** Tells whether the sources of one join can still come. Valid as long as the state does not change. */
export class LiveSearch {
  private readonly visited = new Set<string>();
  /** Asked one by one at first; where many lie upstream, all live ones are asked for at once. */
  private live: ReadonlySet<string> | null = null;
  private lowest = 0;

  constructor(
    private readonly step: Step,
    private readonly join: string,
  ) {}

  /**
   * Whether there is a live task from which a source can be reached without passing the join. What was looked at in
   * vain is not looked at again; after a success the search is over.
   */
  find(source: string): boolean {
    const { graph, state } = this.step;
    const { openCount, waitingJoins } = state.head;
    const held = state.held().length;
    if (openCount + held === 0 && waitingJoins <= ((state.joinOf(this.join)?.waiting ?? 0) > 0 ? 1 : 0))
      return false;
    const { loopOf, levels } = shapeOf(graph);
    const few = 16 + openCount + waitingJoins + held;
    const ahead = [source];
    for (let here = ahead.pop(); here !== undefined; here = ahead.pop()) {
      if (this.visited.has(here)) continue;
      this.visited.add(here);
      if (!this.live && this.visited.size > few) this.listLive();
      if (this.live ? this.live.has(here) : isLive(this.step, here, this.join)) return true;
      if (here === this.join || (this.live && (levels[loopOf.get(here) ?? -1] ?? 0) < this.lowest)) continue;
      for (const before of graph.tasks.get(here)?.inbound ?? []) ahead.push(before);
    }
    return false;
  }

  private listLive(): void {
    const { graph, state } = this.step;
    const { loopOf, levels } = shapeOf(graph);
    this.live = new Set([
      ...state.openNames(),
      ...state.held().map(({ task }) => task),
      ...state.waitingJoins().filter((name) => name !== this.join),
    ]);
    this.lowest = Number.POSITIVE_INFINITY;
    for (const name of this.live) this.lowest = Math.min(this.lowest, levels[loopOf.get(name) ?? -1] ?? 0);
  }
}
