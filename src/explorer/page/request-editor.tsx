import type { DescMethod, JsonValue } from "@bufbuild/protobuf";
import { useRef } from "preact/hooks";
import type { Extent } from "../examples.ts";
import type { Fault } from "../fault.ts";
import { withValue, writeJson, type JsonText, type Path } from "../json-text.ts";
import { RequestForm } from "../form/request-form.tsx";
import { JsonEditor } from "./json-editor.tsx";

interface Props {
  readonly method: DescMethod;
  readonly text: string;
  readonly json: JsonText;
  /** What is wrong with the request, if it is JSON. */
  readonly fault: Fault | undefined;
  /** What the server says is wrong, by the paths of fields. */
  readonly faultyFields: ReadonlyMap<string, string> | undefined;
  readonly onText: (text: string) => void;
  readonly onExample: (extent: Extent) => void;
}

/** A request as a form and as JSON. The JSON is what counts: the form is a view of it. */
export function RequestEditor(props: Props) {
  const { method, text, json, fault, faultyFields, onText, onExample } = props;
  // While the JSON cannot be read, the form stays as it was, and cannot be used.
  const readable = useRef<JsonValue>({});
  if (json.fault === undefined) readable.current = json.value;
  const isStale = json.fault !== undefined;
  const edit = (path: Path, value: JsonValue | undefined): void => {
    if (json.fault !== undefined) return;
    onText(writeJson(withValue(json.value, path, value) ?? {}));
  };
  return (
    <>
      <div class="examples">
        <span class="muted">Example with</span>
        <button type="button" class="button" onClick={() => onExample("needed")}>
          what is needed
        </button>
        <button type="button" class="button" onClick={() => onExample("all")}>
          every field
        </button>
      </div>
      <div class="request">
        <div class={isStale ? "stale" : undefined} inert={isStale}>
          <RequestForm {...{ method, fault, faultyFields, edit }} value={readable.current} />
        </div>
        <JsonEditor text={text} fault={placed(json, fault)} onText={onText} />
      </div>
    </>
  );
}

function placed(json: JsonText, fault: Fault | undefined) {
  if (json.fault !== undefined) return json.fault;
  if (fault === undefined) return undefined;
  const place = json.placeOf(fault.path, fault.part) ?? { start: 0, end: 1 };
  return { ...place, message: fault.message };
}
