import type { Definition } from '@/engine/definition/schema';
import type { Group, Note, Positions } from '../canvas/view';
import type { DraftYaml } from './draft-yaml';

export interface Draft {
  definition: Definition;
  positions: Positions;
  groups?: readonly Group[];
  notes?: readonly Note[];
  /** Tasks that runs of the draft leave out. */
  disabled?: readonly string[];
  /** Tasks before which runs of the draft pause. */
  breakpoints?: readonly string[];
  /** Null or absent while nobody wrote one. */
  yaml?: DraftYaml | null;
}
export type SaveState =
  | { name: 'saved' }
  | { name: 'changed' }
  | { name: 'saving' }
  | { name: 'failed'; message: string }
  | { name: 'stale'; message: string };

export type SaveOutcome =
  | { name: 'saved'; draftVersion: number }
  | { name: 'stale'; message: string }
  | { name: 'failed'; message: string };

/**
 * Saves a draft by itself, a moment after the last change and one save at a time. When somebody else saved, it stops
 * and says so until `adopt` or `overwrite` is called. A failed save is tried again, ever less often.
 */
export class Autosave {
  state: SaveState = { name: 'saved' };
  private saved: Draft;
  private newest: Draft;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> | null = null;
  private failures = 0;
  private readonly listeners = new Set<() => void>();

  constructor(
    draft: Draft,
    private version: number,
    private readonly save: (draft: Draft, version: number) => Promise<SaveOutcome>,
    private readonly delayMs = 800,
  ) {
    this.saved = draft;
    this.newest = draft;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  readonly getState = (): SaveState => this.state;
  get draftVersion(): number {
    return this.version;
  }
  /** What the server has, as far as is known here. */
  get base(): Draft {
    return this.saved;
  }
  get isDirty(): boolean {
    return this.newest !== this.saved;
  }

  /** Takes note of the newest draft; saves it soon. */
  change(draft: Draft): void {
    if (draft === this.newest) return;
    this.newest = draft;
    if (this.state.name === 'stale') return;
    if (!this.isDirty && !this.running) return this.tell({ name: 'saved' });
    if (!this.running) this.tell({ name: 'changed' });
    this.soon(this.delayMs);
  }

  /** Saves what is unsaved now; true when everything is on the server. */
  async flush(): Promise<boolean> {
    clearTimeout(this.timer);
    await this.running;
    if (this.isDirty && this.state.name !== 'stale') {
      this.running = this.run();
      await this.running;
    }
    return !this.isDirty && this.getState().name === 'saved';
  }

  /** Goes on from what the server has: theirs was taken. */
  adopt(draft: Draft, version: number): void {
    clearTimeout(this.timer);
    this.saved = draft;
    this.newest = draft;
    this.version = version;
    this.tell({ name: 'saved' });
  }

  /** Saves ours over theirs, which the person has seen. */
  overwrite(version: number): Promise<boolean> {
    this.version = version;
    this.tell({ name: 'changed' });
    return this.flush();
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private soon(delayMs: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (!this.running && this.isDirty) this.running = this.run();
    }, delayMs);
  }

  private async run(): Promise<void> {
    const sent = this.newest;
    this.tell({ name: 'saving' });
    const outcome = await this.save(sent, this.version);
    this.running = null;
    switch (outcome.name) {
      case 'saved':
        this.version = outcome.draftVersion;
        this.saved = sent;
        this.failures = 0;
        if (this.isDirty) {
          this.tell({ name: 'changed' });
          this.soon(this.delayMs);
        } else {
          this.tell({ name: 'saved' });
        }
        return;
      case 'stale':
        this.tell(outcome);
        return;
      case 'failed':
        this.failures += 1;
        this.tell(outcome);
        this.soon(Math.min(2000 * 2 ** (this.failures - 1), 30_000));
    }
  }

  private tell(state: SaveState): void {
    this.state = state;
    for (const listener of this.listeners) listener();
  }
}
