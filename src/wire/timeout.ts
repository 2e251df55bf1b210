const connectTimeout = "connect-timeout-ms";
const grpcTimeout = "grpc-timeout";

/** The longest time a timer of Node.js can wait: one that is longer fires at once. */
const maxTimerMs = 2_147_483_647;

const unitMs: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

/** Whether the client set a deadline, well-formed or not. */
export function hasTimeout(header: Headers): boolean {
  return header.has(connectTimeout) || header.has(grpcTimeout);
}

/**
 * Gives a request without a deadline the default one, and shortens one that no
 * timer can wait for (more than 24 days) to the longest that one can.
 *
 * @param defaultMs undefined for a call that needs no deadline, such as a stream.
 */
export function settleTimeout(
  header: Headers,
  isGrpc: boolean,
  defaultMs: number | undefined,
): void {
  const name = isGrpc ? grpcTimeout : connectTimeout;
  const value = header.get(name);
  if (value === null) {
    if (defaultMs !== undefined) setTimeoutMs(header, isGrpc, defaultMs);
  } else if ((timeoutMs(value, isGrpc) ?? 0) > maxTimerMs) {
    setTimeoutMs(header, isGrpc, maxTimerMs);
  }
}

function setTimeoutMs(header: Headers, isGrpc: boolean, ms: number): void {
  if (!isGrpc) header.set(connectTimeout, String(ms));
  // gRPC allows eight digits.
  else if (ms < 1e8) header.set(grpcTimeout, `${ms}m`);
  else header.set(grpcTimeout, `${Math.floor(ms / 1_000)}S`);
}

function timeoutMs(value: string, isGrpc: boolean): number | undefined {
  if (!isGrpc) return /^\d{1,10}$/.test(value) ? Number(value) : undefined;
  const [, digits, unit] = /^(\d{1,8})([HMSmun])$/.exec(value) ?? [];
  if (digits === undefined || unit === undefined) return undefined;
  return Number(digits) * (unitMs[unit] ?? 0);
}
