import { Kind } from "../../recommendations/signals.ts";
import type { EvaluateOptions } from "../evaluate.ts";
import { Failure } from "../failure.ts";
import { Columns } from "../import/columns.ts";
import { ITEMS, TIMES, USERS } from "../import/feedback.ts";
import { KIND_NAMES } from "../import/kind-names.ts";
import { parseTime } from "../time.ts";

/** What somebody did with an item, names as numbers from 1. */
export interface Interaction {
  readonly user: number;
  readonly item: number;
  /** A number of signals.ts. */
  readonly kind: number;
  /** Of a rating, the rating. */
  readonly value: number;
  /** Milliseconds since 1970. */
  readonly time: number;
}

const KINDS: ReadonlyMap<string, number> = new Map(
  KIND_NAMES.map((name, index) => [name, index + 1]),
);

/**
 * What reads rows of a file with these columns; what it cannot read, it tells
 * why.
 *
 * @throws Failure if a column is missing.
 */
export function interactionReader(
  file: string,
  header: readonly string[],
  options: EvaluateOptions,
): (values: readonly string[]) => Interaction | string {
  const columns = new Columns(file, header);
  const userAt = columns.required(options.user, USERS, "--user");
  const itemAt = columns.required(options.item, ITEMS, "--item");
  const valueAt = columns.optional(options.value, ["rating", "value"]);
  const kindAt = columns.optional(options.kindColumn, options.kind === undefined ? ["kind"] : []);
  const timeAt = columns.optional(options.time, TIMES);
  const fixed = options.kind ?? (valueAt === undefined ? "like" : "rating");
  if (kindAt === undefined && fixed === "rating" && valueAt === undefined) {
    throw new Failure(`${file} has no column rating, value: name it with --value`);
  }
  if (options.split === "time" && timeAt === undefined) {
    throw new Failure(`${file} has no column time, timestamp: name it with --time`);
  }
  const users = new Numbers();
  const items = new Numbers();
  // What has no time is as old as all else.
  const now = Date.now();
  return (values) => {
    const valueOf = (at: number | undefined): string =>
      at === undefined ? "" : (values[at] ?? "").trim();
    const [user, item] = [valueOf(userAt), valueOf(itemAt)];
    if (user === "") return `${header[userAt]}: is empty`;
    if (item === "") return `${header[itemAt]}: is empty`;
    const name = kindAt === undefined ? fixed : valueOf(kindAt).toLowerCase();
    const kind = KINDS.get(name);
    if (kind === undefined) {
      const field = kindAt === undefined ? "kind" : header[kindAt];
      return `${field}: ${JSON.stringify(name)} is none of ${KIND_NAMES.join(", ")}`;
    }
    let value = 0;
    if (kind === Kind.RATING) {
      const text = valueOf(valueAt);
      value = text === "" ? Number.NaN : Number(text);
      if (!(value >= 1 && value <= 5)) {
        const field = valueAt === undefined ? "value" : header[valueAt];
        return `${field}: ${JSON.stringify(text)} is no number from 1 to 5`;
      }
    }
    let time = now;
    const when = valueOf(timeAt);
    if (when !== "" || options.split === "time") {
      const ms = parseTime(when);
      if (ms === undefined) {
        const field = timeAt === undefined ? "time" : header[timeAt];
        return `${field}: ${JSON.stringify(when)} is neither ISO 8601 nor Unix time`;
      }
      time = ms;
    }
    return { user: users.of(user), item: items.of(item), kind, value, time };
  };
}

/** Numbers of names, from 1, in the order of their coming. */
class Numbers {
  readonly #numbers = new Map<string, number>();

  of(name: string): number {
    let number = this.#numbers.get(name);
    if (number === undefined) {
      number = this.#numbers.size + 1;
      this.#numbers.set(name, number);
    }
    return number;
  }
}
