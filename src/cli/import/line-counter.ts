const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Finds the line on which a record begins. The parser's own count takes a
 * quoted CR LF for two lines. Bytes are added as they are parsed, and
 * forgotten once a record behind them was asked for.
 */
export class LineCounter {
  readonly #chunks: Buffer[] = [];
  /** Where the first chunk begins. */
  #base = 0;
  #offset = 0;
  #line = 1;

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  /**
   * The line, from 1, of the first record at or after the byte `offset`, line
   * ends before it passed over. Offsets must not go back.
   */
  lineAt(offset: number): number {
    this.#advance(offset);
    for (;;) {
      const chunk = this.#chunks[0];
      const byte = chunk?.[this.#offset - this.#base];
      if (byte !== NEWLINE && byte !== CARRIAGE_RETURN) return this.#line;
      this.#advance(this.#offset + 1);
    }
  }

  #advance(to: number): void {
    while (this.#offset < to) {
      const chunk = this.#chunks[0];
      if (chunk === undefined) return;
      const end = Math.min(chunk.length, to - this.#base);
      for (let at = this.#offset - this.#base; ; at++) {
        at = chunk.indexOf(NEWLINE, at);
        if (at < 0 || at >= end) break;
        this.#line++;
      }
      this.#offset = this.#base + end;
      if (end === chunk.length) {
        this.#chunks.shift();
        this.#base += chunk.length;
      }
    }
  }
}
