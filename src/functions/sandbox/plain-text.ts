/** A piece of a log line that is the sandbox's own words, not a value of the author's: no quotes. */
export class PlainText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
