/** How long connections may take, in milliseconds. */
export interface ConnectionLimits {
  /** Until a new connection says something, and until HTTP/2's preface is complete. */
  readonly firstBytesMs: number;
  /** For the headers of an HTTP/1.1 request. */
  readonly headersMs: number;
  /** For a whole HTTP/1.1 request. A stream that takes longer needs HTTP/2. */
  readonly requestMs: number;
  /** That an HTTP/1.1 connection may be idle between two requests. */
  readonly keepAliveMs: number;
  /** How often headersMs and requestMs are looked at. */
  readonly checkMs: number;
}

/** Longer than the idle times of usual load balancers, which must not lose the race. */
export const defaultLimits: ConnectionLimits = {
  firstBytesMs: 10_000,
  headersMs: 20_000,
  requestMs: 300_000,
  keepAliveMs: 75_000,
  checkMs: 5_000,
};
