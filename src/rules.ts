import type { DescField, DescMessage, Message, MessageShape } from "@bufbuild/protobuf";
import type { Duration, Timestamp } from "@bufbuild/protobuf/wkt";
import type { FieldViolation } from "./errors.ts";
import { wholeMs } from "./time.ts";

/**
 * The bounds that stand in the comments of the proto files, as tables: one for
 * each service, checked before its handlers run. No package ships
 * protovalidate's annotations, so they cannot stand in the proto files.
 */

/** Checks one value, and reports what is wrong with it under its path. */
export type Check<T> = (value: T, path: string, report: Report) => void;
type Report = (violation: FieldViolation) => void;

/** The checks of a message, by the names that its fields have in TypeScript. */
type Checks<M> = { readonly [K in Exclude<keyof M, "$typeName" | "$unknown">]?: Check<M[K]> };

/** The bounds of one message type. */
export interface Rules {
  readonly schema: DescMessage;
  readonly check: Check<never>;
}

/** The bounds of all requests that a server takes, by the type of the request. */
export class RuleBook {
  readonly #checks = new Map<string, Check<never>>();

  constructor(tables: readonly (readonly Rules[])[]) {
    for (const { schema, check } of tables.flat()) this.#checks.set(schema.typeName, check);
  }

  /** All that is wrong with a request, in the order of its fields; none for a type without rules. */
  violations(schema: DescMessage, request: MessageShape<DescMessage>): FieldViolation[] {
    const found: FieldViolation[] = [];
    this.#checks.get(schema.typeName)?.(request as never, "", (violation) => found.push(violation));
    return found;
  }

  /** Whether the requests of this type have rules. */
  has(schema: DescMessage): boolean {
    return this.#checks.has(schema.typeName);
  }
}

/** The bounds of a message: a check for each field that has one. */
export function rules<D extends DescMessage>(schema: D, checks: Checks<MessageShape<D>>): Rules {
  const fields: [name: string, field: DescField, check: Check<never>][] = [];
  for (const [name, check] of Object.entries(checks)) {
    const field = schema.field[name];
    if (field === undefined) throw new Error(`${schema.typeName} has no field ${name}`);
    fields.push([name, field, check as Check<never>]);
  }
  const check: Check<MessageShape<D>> = (message, path, report) => {
    for (const [name, field, checkField] of fields) {
      const value = (message as Record<string, unknown>)[name];
      checkField(value as never, path === "" ? field.name : `${path}.${field.name}`, report);
    }
  };
  return { schema, check };
}

/** A text of so many characters (Unicode code points). `min: 1` makes it required. */
export function text(bounds: {
  min?: 0 | 1;
  max: number;
  pattern?: [RegExp, string];
}): Check<string> {
  return (value, field, report) => {
    if (value === "") {
      if (bounds.min === 1) report({ field, description: "Required: it must not be empty." });
      return;
    }
    if (bounds.pattern !== undefined && !bounds.pattern[0].test(value)) {
      report({ field, description: bounds.pattern[1] });
      return;
    }
    // UTF-16 units are never fewer than characters: counting is seldom needed.
    const length = value.length > bounds.max ? [...value].length : value.length;
    if (length > bounds.max) {
      report({ field, description: `At most ${bounds.max} characters, not ${length}.` });
    }
  };
}

/** A whole number from `min` to `max`; 0 too, where it stands for the default. */
export function integer(bounds: {
  min: number;
  max: number;
  zeroIsDefault?: boolean;
}): Check<number> {
  return (value, field, report) => {
    if (value === 0 && bounds.zeroIsDefault === true) return;
    if (value < bounds.min || value > bounds.max) {
      report({ field, description: `From ${bounds.min} to ${bounds.max}, not ${value}.` });
    }
  };
}

/** A number from `min` to `max`; NaN is none. */
export function number(bounds: { min: number; max: number }): Check<number> {
  return (value, field, report) => {
    if (!(value >= bounds.min && value <= bounds.max)) {
      report({ field, description: `From ${bounds.min} to ${bounds.max}, not ${value}.` });
    }
  };
}

/** A field that may be absent, as one with explicit presence. */
export function optional<T>(check: Check<T>): Check<T | undefined> {
  return (value, field, report) => {
    if (value !== undefined) check(value, field, report);
  };
}

/** A position of the log. */
export const position: Check<bigint> = (value, field, report) => {
  if (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER)) {
    report({ field, description: `A position of the log is not below 0, nor is it ${value}.` });
  }
};

/** A page token: long enough for one that has an id in it, however it is spelled. */
export const pageToken: Check<string> = text({ max: 4_096 });

/** A list of so many elements, each of which is checked. */
export function list<T>(
  bounds: { min?: number; max: number },
  each?: Check<T>,
): Check<readonly T[]> {
  return (values, field, report) => {
    const min = bounds.min ?? 0;
    if (values.length < min || values.length > bounds.max) {
      const range = min > 0 ? `From ${min} to ${bounds.max}` : `At most ${bounds.max}`;
      report({ field, description: `${range} elements, not ${values.length}.` });
      return;
    }
    if (each !== undefined) {
      for (const [index, value] of values.entries()) each(value, `${field}[${index}]`, report);
    }
  };
}

/** A map of so many entries, whose keys and values are checked. */
export function map(
  bounds: { max: number },
  key: Check<string>,
  value: Check<string>,
): Check<Readonly<Record<string, string>>> {
  return (entries, field, report) => {
    const pairs = Object.entries(entries);
    if (pairs.length > bounds.max) {
      report({ field, description: `At most ${bounds.max} entries, not ${pairs.length}.` });
      return;
    }
    for (const [k, v] of pairs) {
      const path = `${field}[${JSON.stringify(shortened(k))}]`;
      key(k, path, report);
      value(v, path, report);
    }
  };
}

/** A key as it is named in errors, which must not grow with what is wrong. */
function shortened(key: string): string {
  return key.length > SHOWN_KEY ? `${key.slice(0, SHOWN_KEY).toWellFormed()}…` : key;
}
const SHOWN_KEY = 128;

/** A message inside another. It may be absent. */
export function nested(table: Rules): Check<Message | undefined> {
  return (value, field, report) => {
    if (value !== undefined) table.check(value as never, field, report);
  };
}

/** An enum that must be set, to a value that the contract knows. */
export function setEnum(known: Readonly<Record<string, string | number>>): Check<number> {
  const numbers = new Set(Object.values(known).filter((value) => typeof value === "number"));
  return (value, field, report) => {
    if (value === 0) report({ field, description: "Required: it must not be unspecified." });
    else if (!numbers.has(value)) report({ field, description: `There is no value ${value}.` });
  };
}

/** The earliest time that something happened, in milliseconds since 1970. */
export const YEAR_2000_MS: number = Date.UTC(2000, 0, 1);
/** How far ahead of ours a clock may be, in milliseconds. */
export const CLOCK_SKEW_MS: number = 5 * 60_000;
const NOT_A_TIME = "Must be a time from the year 1 to 9999, with nanos from 0 to 999,999,999.";

/** When something happened: not before the year 2000, not more than 5 minutes ahead. */
export const pastTime: Check<Timestamp | undefined> = (value, field, report) => {
  if (value === undefined) return;
  if (!isTimestamp(value)) {
    report({ field, description: NOT_A_TIME });
    return;
  }
  const ms = wholeMs(value);
  if (ms < YEAR_2000_MS) report({ field, description: "Must not be before the year 2000." });
  if (ms > Date.now() + CLOCK_SKEW_MS) {
    report({ field, description: "Must not be more than 5 minutes in the future." });
  }
};

/** Any moment from year 1 to 9999. */
export const anyTime: Check<Timestamp | undefined> = (value, field, report) => {
  if (value !== undefined && !isTimestamp(value)) {
    report({ field, description: NOT_A_TIME });
  }
};

/** How long something took, from 0 to `maxDays`. */
export function duration(bounds: { maxDays: number }): Check<Duration | undefined> {
  const maxSeconds = BigInt(bounds.maxDays * 86_400);
  return (value, field, report) => {
    if (value === undefined) return;
    const { seconds, nanos } = value;
    const tooLong = seconds > maxSeconds || (seconds === maxSeconds && nanos > 0);
    if (seconds < 0n || nanos < 0 || nanos > 999_999_999 || tooLong) {
      report({ field, description: `From 0 to ${bounds.maxDays} days.` });
    }
  };
}

function isTimestamp(value: Timestamp): boolean {
  // The bounds that google/protobuf/timestamp.proto gives.
  return (
    value.seconds >= -62_135_596_800n &&
    value.seconds <= 253_402_300_799n &&
    value.nanos >= 0 &&
    value.nanos <= 999_999_999
  );
}
