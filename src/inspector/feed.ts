/**
 * What has happened and was not yet told: the newest of it, as JSON, up to a bound. A reader that is
 * slow loses the oldest and is told how many.
 */
export class Feed {
  readonly #maxCharacters: number;
  #texts: string[] = [];
  #characters = 0;
  #dropped = 0;

  constructor(maxCharacters: number) {
    this.#maxCharacters = maxCharacters;
  }

  get isEmpty(): boolean {
    return this.#texts.length === 0 && this.#dropped === 0;
  }

  /** Cost: O(text), and what is dropped for it. */
  push(entry: object): void {
    const text = JSON.stringify(entry);
    this.#texts.push(text);
    this.#characters += text.length;
    let dropped = 0;
    while (this.#characters > this.#maxCharacters) {
      this.#characters -= this.#texts[dropped]?.length ?? 0;
      dropped += 1;
    }
    if (dropped === 0) return;
    this.#texts = this.#texts.slice(dropped);
    this.#dropped += dropped;
  }

  /** All there is as one line of the stream; then it is empty. */
  take(type: "logs" | "commits"): string {
    const line = `{"type":"${type}","entries":[${this.#texts.join(",")}],"dropped":${this.#dropped}}`;
    this.#texts = [];
    this.#characters = 0;
    this.#dropped = 0;
    return line;
  }
}
