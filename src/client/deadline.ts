/**
 * The deadline of a call, as the protocols write it into the headers of a
 * request: how many milliseconds are left.
 */

const UNITS_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 0.001,
  n: 0.000_001,
};

/** For how many milliseconds the call may run from now on; undefined without a deadline. */
export function timeoutOf(header: Headers): number | undefined {
  const connect = header.get("connect-timeout-ms");
  if (connect !== null && /^\d+$/.test(connect)) return Number(connect);
  const grpc = /^(\d{1,8})([HMSmun])$/.exec(header.get("grpc-timeout") ?? "");
  if (grpc === null) return undefined;
  return Number(grpc[1]) * (UNITS_MS[grpc[2] ?? ""] ?? 0);
}

/** Writes what is left of a deadline, in the form that the header already has. */
export function setTimeoutOf(header: Headers, timeoutMs: number): void {
  const left = Math.max(1, Math.floor(timeoutMs));
  if (header.has("connect-timeout-ms")) header.set("connect-timeout-ms", String(left));
  // gRPC has 8 digits: that many milliseconds are 27 hours.
  if (header.has("grpc-timeout")) {
    header.set("grpc-timeout", left < 1e8 ? `${left}m` : `${Math.floor(left / 1_000)}S`);
  }
}
