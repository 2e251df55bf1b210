/**
 * What can go wrong in a domain and is the caller's business. The codes are
 * those of gRPC; the wire turns an error into its protocol's form once. All
 * that is not a DomainError is a fault of ours, and answered as "internal".
 */
export type DomainErrorCode =
  | "invalid_argument"
  | "not_found"
  | "already_exists"
  | "failed_precondition"
  | "resource_exhausted"
  | "unavailable"
  | "deadline_exceeded"
  | "canceled";

/** One field of a request, and what would be right in it. */
export interface FieldViolation {
  /** The path of the field in proto names, such as "feedback[3].item_id". */
  readonly field: string;
  /** A sentence for the developer who sent it. */
  readonly description: string;
}

interface DomainErrorDetails {
  /** What happened, for programs: UPPER_SNAKE_CASE, part of the contract. */
  readonly reason: string;
  /** What it happened to, for programs. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** The fields at fault. */
  readonly violations?: readonly FieldViolation[];
  /** After how many milliseconds the same call may succeed. */
  readonly retryAfterMs?: number;
  /** What caused it, for the log. */
  readonly cause?: unknown;
}

export class DomainError extends Error {
  override readonly name = "DomainError";
  readonly code: DomainErrorCode;
  readonly reason: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly violations: readonly FieldViolation[];
  readonly retryAfterMs: number | undefined;

  constructor(code: DomainErrorCode, message: string, details: DomainErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.reason = details.reason;
    this.metadata = details.metadata ?? {};
    this.violations = details.violations ?? [];
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** Fields of the request are wrong. All of them are named at once. */
export function invalidFields(violations: readonly FieldViolation[]): DomainError {
  const message = violations.map((v) => `${v.field}: ${v.description}`).join("; ");
  return new DomainError("invalid_argument", message, { reason: "INVALID_FIELD", violations });
}

/** One field of the request is wrong. */
export function invalidField(field: string, description: string): DomainError {
  return invalidFields([{ field, description }]);
}

/** What the request names does not exist. `field` is the field that names it. */
export function notFound(field: string, resource: string, name: string): DomainError {
  return new DomainError("not_found", `${field}: there is no ${resource} ${JSON.stringify(name)}`, {
    reason: `${resource.toUpperCase()}_NOT_FOUND`,
    metadata: { [resource]: name },
    violations: [{ field, description: `There is no such ${resource}.` }],
  });
}

/** For a while this cannot be done; the same call may succeed later. */
export function unavailable(message: string, retryAfterMs: number, cause?: unknown): DomainError {
  return new DomainError("unavailable", message, { reason: "UNAVAILABLE", retryAfterMs, cause });
}

/** The server takes nothing new, because it stops: another one, or the same again, may soon. */
export function serverStopping(): DomainError {
  return unavailable("the server is stopping", 1_000);
}
