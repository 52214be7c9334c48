/**
 * Finds many phrases at once while a text goes by, character by character (Aho and Corasick, 1975): the price is a
 * few steps a character, however many phrases there are. A state is a number; 0 is where every text begins.
 */
export class PhraseFinder {
  private readonly code: Uint16Array;
  private readonly firstChild: Int32Array;
  private readonly sibling: Int32Array;
  private readonly fallBack: Int32Array;
  private readonly depth: Int32Array;
  private readonly found: Int32Array;
  private readonly open: Int32Array;
  /** Children of the beginning, by character: most characters of a text are looked up here. */
  private readonly first = new Int32Array(65_536);
  private size = 1;

  /** @param phrases none of them empty */
  constructor(phrases: readonly string[]) {
    const most = phrases.reduce((sum, phrase) => sum + phrase.length, 1);
    this.code = new Uint16Array(most);
    const numbers = () => new Int32Array(most);
    this.firstChild = numbers();
    this.sibling = numbers();
    this.fallBack = numbers();
    this.depth = numbers();
    this.found = numbers();
    this.open = numbers();
    for (const phrase of phrases) this.add(phrase);
    this.link();
  }

  /** The state after one more character (a UTF-16 code unit). */
  next(state: number, code: number): number {
    for (let here = state; here !== 0; here = at(this.fallBack, here)) {
      const child = this.child(here, code);
      if (child !== 0) return child;
    }
    return at(this.first, code);
  }

  /** The length of the longest phrase that ends in this state; 0 when none does. */
  longestEnding(state: number): number {
    return at(this.found, state);
  }

  /** How many of the last characters are the beginning of a phrase that more characters would complete. */
  begun(state: number): number {
    return at(this.open, state);
  }

  private child(state: number, code: number): number {
    if (state === 0) return at(this.first, code);
    let child = at(this.firstChild, state);
    while (child !== 0 && this.code[child] !== code) child = at(this.sibling, child);
    return child;
  }

  private add(phrase: string): void {
    let here = 0;
    for (let index = 0; index < phrase.length; index += 1) {
      const code = phrase.charCodeAt(index);
      let child = this.child(here, code);
      if (child === 0) {
        child = this.size;
        this.size += 1;
        this.code[child] = code;
        this.depth[child] = index + 1;
        if (here === 0) this.first[code] = child;
        else {
          this.sibling[child] = at(this.firstChild, here);
          this.firstChild[here] = child;
        }
      }
      here = child;
    }
    this.found[here] = phrase.length;
  }

  /** Where to go on when a phrase breaks off: the longest other beginning that the last characters are. */
  private link(): void {
    const queue: number[] = [];
    for (const child of this.first) if (child !== 0) queue.push(child);
    for (let place = 0; place < queue.length; place += 1) {
      const here = queue[place] ?? 0;
      // What falls back lies deeper than what it falls back to, so that one is known already.
      this.open[here] =
        at(this.firstChild, here) === 0 ? at(this.open, at(this.fallBack, here)) : at(this.depth, here);
      for (let child = at(this.firstChild, here); child !== 0; child = at(this.sibling, child)) {
        const fallBack = this.next(at(this.fallBack, here), this.code[child] ?? 0);
        this.fallBack[child] = fallBack;
        this.found[child] = Math.max(at(this.found, child), at(this.found, fallBack));
        queue.push(child);
      }
    }
  }
}

function at(array: Int32Array, index: number): number {
  return array[index] ?? 0;
}
