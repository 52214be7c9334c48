import { splitLines } from './split';

/** Where Python's textwrap may break: at white space, after hyphens within words, around dashes. */
const breaks =
  /([\t\n\v\f\r ]+|(?<=[\p{L}\p{N}_!"'&.,?])-{2,}(?=[\p{L}\p{N}_])|[^\t\n\v\f\r ]+?(?:-(?:(?<=[\p{L}_]{2}-)|(?<=[\p{L}_]-[\p{L}\p{N}_!"'&.,?]-))(?=[\p{L}_]-?[\p{L}_])|(?=[\t\n\v\f\r ]|$)|(?<=[\p{L}\p{N}_!"'&.,?])(?=-{2,}[\p{L}\p{N}_])))/u;
const spaces = /([\t\n\v\f\r ]+)/;

export interface WrapOptions {
  width: number;
  breaksLongWords: boolean;
  mark: string;
  breaksOnHyphens: boolean;
}

/** Every line of a text in lines of at most a width, as Jinja's wordwrap. */
export function wrapText(text: string, options: WrapOptions): string {
  return splitLines(text)
    .map((line) => wrapLine(line, options).join(options.mark))
    .join(options.mark);
}

function wrapLine(line: string, { width, breaksLongWords, breaksOnHyphens }: WrapOptions): string[] {
  const chunks = line.split(breaksOnHyphens ? breaks : spaces).filter((chunk) => chunk !== '');
  chunks.reverse();
  const lines: string[] = [];
  const isBlank = (chunk: string | undefined): boolean => chunk !== undefined && chunk.trim() === '';
  while (chunks.length > 0) {
    if (lines.length > 0 && isBlank(chunks.at(-1))) chunks.pop();
    const current: string[] = [];
    let size = 0;
    for (
      let chunk = chunks.at(-1);
      chunk !== undefined && size + chunk.length <= width;
      chunk = chunks.at(-1)
    ) {
      current.push(chunk);
      size += chunk.length;
      chunks.pop();
    }
    const long = chunks.at(-1);
    if (long !== undefined && long.length > width) {
      if (breaksLongWords) {
        const space = Math.max(1, width - size);
        // A hyphen within what still fits is the better place to break.
        const hyphen = breaksOnHyphens && long.length > space ? long.lastIndexOf('-', space - 1) : -1;
        const end = hyphen > 0 && /[^-]/.test(long.slice(0, hyphen)) ? hyphen + 1 : space;
        current.push(long.slice(0, end));
        chunks[chunks.length - 1] = long.slice(end);
      } else if (current.length === 0) {
        current.push(long);
        chunks.pop();
      }
    }
    if (isBlank(current.at(-1))) current.pop();
    if (current.length > 0) lines.push(current.join(''));
  }
  return lines;
}
