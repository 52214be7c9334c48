interface Waiting<Asked, Given> {
  asked: Asked;
  resolve: (given: Given) => void;
  reject: (reason: unknown) => void;
}

/**
 * Does together what many ask for at the same time: while one lot is under way, the next gathers, so that a busy process makes
 * few large lots and a quiet one answers at once. Whatever is given was begun after it was asked for. A lot that fails is done
 * again one by one, so that nobody pays for another's fault.
 */
export class Gather<Asked, Given> {
  private readonly waiting: Waiting<Asked, Given>[] = [];
  private underWay = 0;

  /**
   * @param work answers a lot, in its order; all of it or nothing
   * @param lots how many may be under way at the same time
   * @param most how many make one lot
   */
  constructor(
    private readonly work: (lot: readonly Asked[]) => Promise<readonly Given[]>,
    private readonly lots: number,
    private readonly most: number,
  ) {}

  ask(asked: Asked): Promise<Given> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ asked, resolve, reject });
      void this.turn();
    });
  }

  private async turn(): Promise<void> {
    if (this.underWay >= this.lots) return;
    this.underWay += 1;
    // Those that come in the same turn go along.
    await Promise.resolve();
    while (this.waiting.length > 0) await this.answer(this.waiting.splice(0, this.most));
    this.underWay -= 1;
  }

  private async answer(lot: readonly Waiting<Asked, Given>[]): Promise<void> {
    try {
      const given = await this.work(lot.map(({ asked }) => asked));
      for (const [at, { resolve }] of lot.entries()) resolve(given[at] as Given);
    } catch (error) {
      const [first, ...others] = lot;
      if (others.length === 0) first?.reject(error);
      else for (const one of lot) await this.answer([one]);
    }
  }
}
