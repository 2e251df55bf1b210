/** Where the room reports what no caller is told; pino is one. */
export interface Logger {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

/** For who wants to hear nothing. */
export const silent: Logger = { info() {}, warn() {}, error() {} };
