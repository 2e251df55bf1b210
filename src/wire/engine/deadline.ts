import { Code, ConnectError } from "@connectrpc/connect";

/** The longest time a timer of Node.js can wait: one that is longer fires at once. */
export const maxTimerMs = 2_147_483_647;

const unitMs: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

/**
 * The time that a client gives a call, in milliseconds: at most what a timer
 * can wait for, which is 24 days. Undefined if it says none.
 *
 * @throws ConnectError invalid_argument
 */
export function clientTimeoutMs(value: string | undefined, isGrpc: boolean): number | undefined {
  if (value === undefined) return undefined;
  const ms = isGrpc ? grpcTimeoutMs(value) : connectTimeoutMs(value);
  if (ms === undefined) {
    const name = isGrpc ? "grpc-timeout" : "connect-timeout-ms";
    const form = isGrpc ? "at most 8 digits and a unit, such as 500m" : "milliseconds, such as 500";
    throw new ConnectError(
      `${name} ${JSON.stringify(value)} is invalid: it must be ${form}`,
      Code.InvalidArgument,
    );
  }
  return Math.min(ms, maxTimerMs);
}

function connectTimeoutMs(value: string): number | undefined {
  return /^\d{1,10}$/.test(value) ? Number(value) : undefined;
}

function grpcTimeoutMs(value: string): number | undefined {
  const unit = unitMs[value.slice(-1)];
  const digits = value.slice(0, -1);
  return unit !== undefined && /^\d{1,8}$/.test(digits) ? Number(digits) * unit : undefined;
}
