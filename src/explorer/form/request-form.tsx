import type { DescMethod, JsonValue } from "@bufbuild/protobuf";
import { useMemo } from "preact/hooks";
import { takesStream } from "../contract.ts";
import type { Fault } from "../fault.ts";
import type { Path } from "../json-text.ts";
import { Form, type FormContext, type MessageAt } from "./form-context.ts";
import { Elements } from "./lists.tsx";
import { Members } from "./members.tsx";
import { Single } from "./single.tsx";
import { isText } from "./text.ts";

interface Props {
  readonly method: DescMethod;
  readonly value: JsonValue;
  readonly fault: Fault | undefined;
  readonly faultyFields: ReadonlyMap<string, string> | undefined;
  readonly edit: FormContext["edit"];
}

/** A form for the request of a method. */
export function RequestForm({ method, value, fault, faultyFields, edit }: Props) {
  const context = useMemo<FormContext>(
    () => ({
      edit,
      fieldsOf,
      faultOf: (path, name) => (isAt(fault, path) ? fault?.message : faultyFields?.get(name)),
    }),
    [edit, fault, faultyFields],
  );
  const type = { kind: "message", message: method.input } as const;
  return (
    <Form.Provider value={context}>
      <form class="form" aria-label="Request" onSubmit={(event) => event.preventDefault()}>
        {takesStream(method) ? (
          <Elements {...{ type, value }} path={[]} name="" noun="message" />
        ) : isText(method.input) ? (
          <Single {...{ type, value }} path={[]} name="" label={method.input.name} isElement />
        ) : method.input.fields.length === 0 ? (
          <p class="muted">The request has no fields.</p>
        ) : (
          <Members message={method.input} value={value} path={[]} name="" />
        )}
      </form>
    </Form.Provider>
  );
}

const fieldsOf = (at: MessageAt) => <Members {...at} />;

const isAt = (fault: Fault | undefined, path: Path): boolean =>
  fault !== undefined &&
  fault.path.length === path.length &&
  fault.path.every((part, at) => part === path[at]);
