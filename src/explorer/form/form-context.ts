import type { DescMessage, JsonValue } from "@bufbuild/protobuf";
import { createContext, type ComponentChildren } from "preact";
import { useContext } from "preact/hooks";
import type { Path } from "../json-text.ts";

/** What every part of a form needs. */
export interface FormContext {
  /** Writes a value into the request; undefined removes it. */
  edit(path: Path, value: JsonValue | undefined): void;
  /**
   * What is wrong with a value.
   *
   * @param name its path as errors of servers have it, such as "items[0].title".
   */
  faultOf(path: Path, name: string): string | undefined;
  /** The fields of a message, which may be in a list that is in a message. */
  fieldsOf(at: MessageAt): ComponentChildren;
}

/** A message of the request. */
export interface MessageAt {
  readonly message: DescMessage;
  readonly value: JsonValue | undefined;
  /** Where it is in the JSON. */
  readonly path: Path;
  /** The same as errors of servers have it. */
  readonly name: string;
}

export const Form = createContext<FormContext>({
  edit: () => undefined,
  faultOf: () => undefined,
  fieldsOf: () => null,
});

export const useForm = (): FormContext => useContext(Form);
