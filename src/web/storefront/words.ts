import { Code } from "@connectrpc/connect";
import { explainError } from "../../client/explain.ts";

/** The name of a category as people read it: "science-fiction" is "Science fiction". */
export function categoryName(slug: string): string {
  const words = slug.replaceAll("-", " ");
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

/** Names in one line: at most three of them, the rest as a number. */
export function listOfNames(names: readonly string[]): string {
  if (names.length <= 3) return names.join(", ");
  return `${names.slice(0, 2).join(", ")} and ${names.length - 2} others`;
}

const counts = new Intl.NumberFormat("en");

/** A count with its unit: "1 view", "1,204 views". */
export function counted(count: bigint | number, one: string, many = `${one}s`): string {
  return `${counts.format(count)} ${Number(count) === 1 ? one : many}`;
}

/** What to say of a call that failed: what is wrong, and whether to try again. */
export function failureText(error: unknown): string {
  const { code, text, connectionFailed } = explainError(error);
  if (connectionFailed) return "The server cannot be reached.";
  if (code === Code.Unavailable) return "The server is busy, or about to stop.";
  if (code === Code.DeadlineExceeded) return "The server took too long.";
  if (code === Code.Unimplemented) return "This server does not offer that.";
  return `The server says: ${text}`;
}

/**
 * The first letters of a name, at most two, for where there is no picture. What
 * is in parentheses is no name.
 */
export function initials(name: string): string {
  const words = name.replaceAll(/\([^)]*\)/g, " ").match(/\p{L}\S*/gu) ?? [];
  const [first = "", last = ""] = [words[0], words.length > 1 ? words.at(-1) : ""];
  return ([...first].slice(0, 1).join("") + [...last].slice(0, 1).join("")).toUpperCase();
}
