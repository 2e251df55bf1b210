import { count } from "../format.ts";

/** What an import did so far. */
export class Tally {
  /** How many rows were read. */
  read = 0;
  readonly #outcomes: readonly string[];
  readonly #counts: number[];
  readonly #startedAt = performance.now();

  constructor(outcomes: readonly string[]) {
    this.#outcomes = outcomes;
    this.#counts = outcomes.map(() => 0);
  }

  /** Adds what became of some rows, in the order of the outcomes. */
  add(counts: readonly number[]): void {
    for (const [i, value] of counts.entries()) this.#counts[i] = (this.#counts[i] ?? 0) + value;
  }

  /** How many rows went in. */
  get accepted(): number {
    return this.#counts.reduce((sum, value) => sum + value, 0);
  }

  get seconds(): number {
    return (performance.now() - this.#startedAt) / 1_000;
  }

  /** Rows per second, from the start until now. */
  rate(rows: number): number {
    return rows / Math.max(0.001, this.seconds);
  }

  /** The totals as one line. */
  text(rejected: number): string {
    const outcomes = this.#outcomes.map((name, i) => `${count(this.#counts[i] ?? 0)} ${name}`);
    const rows = this.read === 1 ? "row" : "rows";
    return `${count(this.read)} ${rows} read: ${outcomes.join(", ")}, ${count(rejected)} rejected; ${this.seconds.toFixed(1)} s, ${count(Math.round(this.rate(this.accepted)))} rows/s`;
  }

  /** The totals for programs. */
  json(rejected: number): Record<string, number> {
    return {
      read: this.read,
      ...Object.fromEntries(this.#outcomes.map((name, i) => [name, this.#counts[i] ?? 0])),
      rejected,
      seconds: Number(this.seconds.toFixed(3)),
      rowsPerSecond: Math.round(this.rate(this.accepted)),
    };
  }
}
