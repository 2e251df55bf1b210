/** How long calls under way may take after Ctrl-C. */
const GRACE_MS = 5_000;

/**
 * Listens for Ctrl-C (SIGINT) and SIGTERM, so that an import can stop between
 * two rows and say how far it came. A second signal ends the process at once.
 */
export class Interrupt {
  /** The signal that came; undefined while none has. */
  signal: NodeJS.Signals | undefined;
  readonly #late = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor() {
    process.on("SIGINT", this.#onSignal);
    process.on("SIGTERM", this.#onSignal);
  }

  /** Aborts five seconds after the signal: calls that still run then are given up. */
  get late(): AbortSignal {
    return this.#late.signal;
  }

  /** Listens no more. */
  end(): void {
    process.off("SIGINT", this.#onSignal);
    process.off("SIGTERM", this.#onSignal);
    clearTimeout(this.#timer);
  }

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    if (this.signal !== undefined) process.exit(signal === "SIGINT" ? 130 : 143);
    this.signal = signal;
    this.#timer = setTimeout(() => this.#late.abort(), GRACE_MS);
  };
}
