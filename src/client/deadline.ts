import { grpcTimeoutMs } from "../wire/engine/deadline.ts";

/**
 * For how many milliseconds a call may run from now on, as its protocol has
 * written it into the headers of its request; undefined without a deadline.
 */
export function timeoutOf(header: Headers): number | undefined {
  const connect = header.get("connect-timeout-ms");
  if (connect !== null && /^\d+$/.test(connect)) return Number(connect);
  return grpcTimeoutMs(header.get("grpc-timeout") ?? "");
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
