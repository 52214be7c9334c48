const broken = /[\0\p{Surrogate}]/gu;

/** Text that the database can hold: NUL and halves of characters become U+FFFD. */
export function toCleanText(text: string): string {
  return text.replace(broken, '\ufffd');
}
