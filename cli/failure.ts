/** How a command ends: what scripts look at. A followed execution ends with codes of its own (follow.ts). */
export const exitCodes = { done: 0, refused: 1, usage: 2, notSignedIn: 3, unreachable: 4 } as const;

/** An end that is told in a sentence, never with a stack. */
export class Failure extends Error {
  override readonly name = 'Failure';
  constructor(
    message: string,
    readonly exitCode: number = exitCodes.refused,
  ) {
    super(message);
  }
}
