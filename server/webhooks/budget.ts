const mostNames = 1_000;

interface Account {
  left: number;
  atMs: number;
  passedOver: number;
}

/**
 * How many refused calls of one webhook this process writes down: some at once, then a few a second. Whoever floods an address
 * costs the database no more than that; what is passed over is counted, and told with the next that is written.
 */
export class Budget {
  private readonly accounts = new Map<number, Account>();

  constructor(
    private readonly atOnce: number,
    private readonly perSecond: number,
  ) {}

  /** How many were passed over before this one, where it may be written; null where it is passed over too. */
  take(name: number, nowMs: number): number | null {
    const account = this.accounts.get(name) ?? { left: this.atOnce, atMs: nowMs, passedOver: 0 };
    // Who called last is last in line to be forgotten.
    this.accounts.delete(name);
    this.accounts.set(name, account);
    if (this.accounts.size > mostNames) this.accounts.delete(this.accounts.keys().next().value ?? name);
    const grown = ((nowMs - account.atMs) / 1000) * this.perSecond;
    account.left = Math.min(this.atOnce, account.left + Math.max(0, grown));
    account.atMs = nowMs;
    if (account.left < 1) {
      account.passedOver += 1;
      return null;
    }
    account.left -= 1;
    const { passedOver } = account;
    account.passedOver = 0;
    return passedOver;
  }
}
