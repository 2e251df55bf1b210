import cliProgress from "cli-progress";
import { say } from "./output.ts";

/** How far something is. */
export interface ProgressState {
  /** How much is done, from 0 to 1. */
  readonly share: number;
  /** Whatever else is worth telling. */
  readonly text: string;
}

const BAR_MS = 200;
const LINE_MS = 3_000;

/**
 * Shows on stderr how far something is, until it is stopped: as a bar on a
 * terminal, otherwise as a plain line every three seconds. It asks for the
 * state when it needs it, so that what it watches need not report.
 */
export class Progress {
  readonly #label: string;
  readonly #state: () => ProgressState;
  readonly #bar: cliProgress.SingleBar | undefined;
  readonly #timer: NodeJS.Timeout;

  constructor(label: string, state: () => ProgressState) {
    this.#label = label;
    this.#state = state;
    this.#bar = process.stderr.isTTY ? startBar(label) : undefined;
    this.#timer = setInterval(() => this.#show(), this.#bar === undefined ? LINE_MS : BAR_MS);
    this.#timer.unref();
  }

  /** Shows the last state, and no more. Stopping twice is fine. */
  stop(): void {
    clearInterval(this.#timer);
    if (this.#bar?.isActive !== true) return;
    this.#show();
    this.#bar.stop();
  }

  #show(): void {
    const { share, text } = this.#state();
    if (this.#bar !== undefined) this.#bar.update(share, { text });
    else say(`${this.#label}: ${Math.floor(share * 100)} %, ${text}`);
  }
}

function startBar(label: string): cliProgress.SingleBar {
  const bar = new cliProgress.SingleBar({
    stream: process.stderr,
    format: `${label} [{bar}] {percentage} %, {text}`,
    barCompleteChar: "=",
    barIncompleteChar: " ",
    barsize: 24,
    hideCursor: false,
    // The commands know better what to do on Ctrl-C.
    gracefulExit: false,
  });
  bar.start(1, 0, { text: "" });
  return bar;
}
