import { StringDecoder } from 'node:string_decoder';

/** The most of a line that is read as one: what is longer comes in parts, which are no lines of the protocol. */
const longestLine = 1_048_576;

export interface Line {
  text: string;
  /** Whole, as it stood between two line ends. */
  isWhole: boolean;
}

/** Cuts what a program prints into lines, without their ends; holds at most one line. */
export class Lines {
  private readonly decoder = new StringDecoder('utf8');
  private begun = '';
  private isInParts = false;

  take(bytes: Buffer): Line[] {
    return this.cut(this.decoder.write(bytes));
  }

  /** What is left at the end. */
  end(): Line[] {
    const lines = this.cut(this.decoder.end());
    if (this.begun !== '') lines.push({ text: this.begun, isWhole: !this.isInParts });
    this.begun = '';
    return lines;
  }

  private cut(text: string): Line[] {
    const parts = text.split('\n');
    const lines: Line[] = [];
    for (const [index, part] of parts.entries()) {
      this.begun += part;
      if (index < parts.length - 1) {
        lines.push({ text: this.begun.replace(/\r$/, ''), isWhole: !this.isInParts });
        this.begun = '';
        this.isInParts = false;
      } else if (this.begun.length > longestLine) {
        lines.push({ text: this.begun, isWhole: false });
        this.begun = '';
        this.isInParts = true;
      }
    }
    return lines;
  }
}
