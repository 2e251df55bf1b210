import type { ConnectError } from "@connectrpc/connect";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
} from "../../gen/google/rpc/error_details_pb.js";
import type { FieldViolation } from "./errors.ts";

/** A detail of an error that is to be sent. */
export type OutgoingDetail = Extract<ConnectError["details"][number], { desc: unknown }>;

/** google.rpc.ErrorInfo: the reason of an error, for programs. */
export function errorInfo(
  reason: string,
  domain: string,
  metadata: Readonly<Record<string, string>>,
): OutgoingDetail {
  return { desc: ErrorInfoSchema, value: { reason, domain, metadata: { ...metadata } } };
}

/** google.rpc.BadRequest: the fields at fault. */
export function badRequest(violations: readonly FieldViolation[]): OutgoingDetail {
  const fieldViolations = violations.map(({ field, description }) => ({ field, description }));
  return { desc: BadRequestSchema, value: { fieldViolations } };
}

/** google.rpc.RetryInfo: when to try again, in milliseconds. */
export function retryInfo(delayMs: number): OutgoingDetail {
  const seconds = Math.trunc(delayMs / 1_000);
  const nanos = Math.round((delayMs - seconds * 1_000) * 1e6);
  return { desc: RetryInfoSchema, value: { retryDelay: { seconds: BigInt(seconds), nanos } } };
}
