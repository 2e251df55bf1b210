import type { DescField, DescOneof, JsonValue } from "@bufbuild/protobuf";
import { useId } from "preact/hooks";
import { commentOf, firstSentence } from "../../wire/reflection/comments.ts";
import { isRequired } from "../words.ts";
import { emptyValue, fieldIn, hasPresence, nameIn, valueTypeOf } from "../fields.ts";
import { FieldType } from "../page/types.tsx";
import { useForm, type MessageAt } from "./form-context.ts";
import { Entries, Elements } from "./lists.tsx";
import { Single } from "./single.tsx";
import { isText } from "./text.ts";

type At = Pick<MessageAt, "path" | "name">;

/** The fields of a message. */
export function Members({ message, value, path, name }: MessageAt) {
  return (
    <>
      {message.members.map((member) =>
        member.kind === "oneof" ? (
          <OneofField key={member.name} {...{ oneof: member, value, path, name }} />
        ) : (
          <Field key={member.name} {...{ field: member, value, path, name }} />
        ),
      )}
    </>
  );
}

/** A field of the message that is at a path. */
function Field({
  field,
  value: message,
  path: outer,
  name: outerName,
}: At & { field: DescField; value: JsonValue | undefined }) {
  const value = fieldIn(message, field);
  const path = [...outer, nameIn(message, field)];
  const name = outerName === "" ? field.name : `${outerName}.${field.name}`;
  const type = valueTypeOf(field);
  const id = useId();
  const inner = { type, value, path, name };
  if (field.fieldKind === "list" || field.fieldKind === "map") {
    return (
      <Group {...{ field, path, name }}>
        {field.fieldKind === "list" ? (
          <Elements {...inner} noun={field.name} />
        ) : (
          <Entries {...inner} mapKey={field.mapKey} />
        )}
      </Group>
    );
  }
  if (type.kind === "message" && !isText(type.message)) {
    return (
      <Group {...{ field, path, name }}>
        <Inner {...{ message: type.message, value, path, name }} />
      </Group>
    );
  }
  return (
    <div class="form-field">
      <label htmlFor={id}>
        <FieldTitle field={field} />
      </label>
      <Single
        {...inner}
        id={id}
        isOptional={hasPresence(field)}
        // What was chosen stays chosen when it is empty.
        isElement={field.oneof !== undefined}
      />
      <Hint id={`${id}-hint`} desc={field} />
    </div>
  );
}

/** A message within another: it may be absent. */
function Inner({ message, value, path, name }: MessageAt) {
  const { edit } = useForm();
  if (value === undefined) {
    return (
      <button type="button" class="button small" onClick={() => edit(path, {})}>
        Add {name}
      </button>
    );
  }
  return (
    <>
      <Members {...{ message, value, path, name }} />
      <button type="button" class="button small" onClick={() => edit(path, undefined)}>
        Remove {name}
      </button>
    </>
  );
}

/** Fields of which one may be there. */
function OneofField({
  oneof,
  value: message,
  path,
  name,
}: At & { oneof: DescOneof; value: JsonValue | undefined }) {
  const { edit } = useForm();
  const id = useId();
  const chosen = oneof.fields.find((field) => fieldIn(message, field) !== undefined);
  const choose = (wanted: string): void => {
    // What is chosen takes the place of what was: both at once are refused.
    const others = new Set(oneof.fields.map((field) => nameIn(message, field)));
    const field = oneof.fields.find((one) => one.name === wanted);
    const kept = Object.entries((message ?? {}) as Record<string, JsonValue>);
    const rest = Object.fromEntries(kept.filter(([key]) => !others.has(key)));
    edit(
      path,
      field === undefined ? rest : { ...rest, [field.name]: emptyValue(valueTypeOf(field)) },
    );
  };
  return (
    <fieldset class="group">
      <legend>
        <code class="name">{oneof.name}</code> <span class="muted">one of</span>
        {isRequired(oneof) && <span class="mark">required</span>}
      </legend>
      <label class="visually-hidden" htmlFor={id}>
        Which of {oneof.name}
      </label>
      <select
        id={id}
        class="field"
        value={chosen?.name ?? ""}
        aria-describedby={`${id}-hint`}
        onChange={({ currentTarget }) => choose(currentTarget.value)}
      >
        <option value="">none</option>
        {oneof.fields.map((field) => (
          <option key={field.name} value={field.name}>
            {field.name}
          </option>
        ))}
      </select>
      <Hint id={`${id}-hint`} desc={oneof} />
      {chosen !== undefined && <Field {...{ field: chosen, value: message, path, name }} />}
    </fieldset>
  );
}

/** What has more than one control. */
function Group({
  field,
  path,
  name,
  children,
}: At & { field: DescField; children: preact.ComponentChildren }) {
  const { faultOf } = useForm();
  const fault = faultOf(path, name);
  return (
    <fieldset class="group" aria-invalid={fault !== undefined}>
      <legend>
        <FieldTitle field={field} />
      </legend>
      <Hint desc={field} />
      {children}
      {fault !== undefined && <p class="fault">{fault}</p>}
    </fieldset>
  );
}

function FieldTitle({ field }: { field: DescField }) {
  return (
    <>
      <code class="name">{field.name}</code> <FieldType field={field} />
      {isRequired(field) && <span class="mark">required</span>}
    </>
  );
}

function Hint({ id, desc }: { id?: string; desc: DescField | DescOneof }) {
  const text = firstSentence(commentOf(desc));
  return (
    <p id={id} class="hint muted">
      {text}
    </p>
  );
}
