/** Ends a command: its message is the one line that is written to stderr. */
export class Failure extends Error {
  override readonly name = "Failure";
  /** The exit code of the process. Default: 1. */
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The message of anything thrown, as one line. */
export function oneLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.trim().replaceAll(/\s*\n\s*/g, " ");
}
