import { explainError } from "../../../client/explain.ts";

/** What to say of a call that failed. */
export function failureText(error: unknown): string {
  const { connectionFailed, text } = explainError(error);
  // What browsers say of that is another thing in each, and no help.
  return connectionFailed ? "The server cannot be reached." : text;
}
