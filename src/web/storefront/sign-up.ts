import { explainError } from "../../client/explain.ts";
import { failureText } from "./words.ts";

/** The fields of the form, by their names in the contract. */
export const fields = ["first_name", "last_name", "email"] as const;

/** One of the fields. */
export type Field = (typeof fields)[number];

/** What is wrong with what was filled in. */
export interface SignUpFaults {
  /** By field: what would be right. */
  readonly at: Readonly<Partial<Record<Field, string>>>;
  /** What is wrong with no field of the form; "" for nothing. */
  readonly elsewhere: string;
}

/** What the answer to CreateProfile says is wrong, at the fields that are at fault. */
export function signUpFaults(error: unknown): SignUpFaults {
  const at: Partial<Record<Field, string>> = {};
  for (const { field, description } of explainError(error).violations) {
    const own = fields.find((name) => name === field);
    if (own !== undefined) at[own] ??= description;
  }
  return { at, elsewhere: Object.keys(at).length > 0 ? "" : failureText(error) };
}
