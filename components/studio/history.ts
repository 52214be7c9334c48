/** A state that can be walked back and forth. Each step carries the words that its button says. */
export interface History<State> {
  past: Step<State>[];
  present: State;
  future: Step<State>[];
}
interface Step<State> {
  label: string;
  /** The state that taking this step back (or forth) leads to. */
  state: State;
  /** Edits with the same key that follow closely are one step: typing into one field. */
  mergeKey: string | null;
  atMs: number;
}

const limit = 500;
const mergeWithinMs = 2000;

export function startHistory<State>(present: State): History<State> {
  return { past: [], present, future: [] };
}

/** The history with one more step; the same object when nothing changed. */
export function record<State>(
  history: History<State>,
  label: string,
  next: State,
  nowMs: number,
  mergeKey: string | null = null,
): History<State> {
  if (next === history.present) return history;
  const last = history.past.at(-1);
  if (last && mergeKey !== null && last.mergeKey === mergeKey && nowMs - last.atMs < mergeWithinMs) {
    return {
      past: [...history.past.slice(0, -1), { ...last, label, atMs: nowMs }],
      present: next,
      future: [],
    };
  }
  const step = { label, state: history.present, mergeKey, atMs: nowMs };
  return { past: [...history.past, step].slice(-limit), present: next, future: [] };
}

export function undo<State>(history: History<State>): History<State> {
  const step = history.past.at(-1);
  if (!step) return history;
  return {
    past: history.past.slice(0, -1),
    present: step.state,
    future: [{ ...step, state: history.present, mergeKey: null }, ...history.future],
  };
}

export function redo<State>(history: History<State>): History<State> {
  const [step, ...future] = history.future;
  if (!step) return history;
  return { past: [...history.past, { ...step, state: history.present }], present: step.state, future };
}
