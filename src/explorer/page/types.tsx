import type { DescEnum, DescField, DescMessage, DescOneof } from "@bufbuild/protobuf";
import { useEffect, useRef } from "preact/hooks";
import { commentOf } from "../../wire/reflection/comments.ts";
import { isRequired } from "../words.ts";
import { hasPresence, scalarName, valueTypeOf } from "../fields.ts";
import { hashOf } from "../routes.ts";
import { Deprecated } from "./marks.tsx";
import { Prose } from "./prose.tsx";

/** A link to a type, by its short name. */
export function TypeLink({ type }: { type: DescMessage | DescEnum }) {
  return (
    <a href={hashOf(type.typeName)} title={type.typeName}>
      {type.name}
    </a>
  );
}

/** The type of a field as its proto file has it; types are links. */
export function FieldType({ field }: { field: DescField }) {
  const type = valueTypeOf(field);
  const inner =
    type.kind === "scalar" ? (
      scalarName(type.scalar)
    ) : (
      <TypeLink type={type.kind === "enum" ? type.enum : type.message} />
    );
  if (field.fieldKind === "map") {
    return (
      <code class="type">
        map&lt;{scalarName(field.mapKey)}, {inner}&gt;
      </code>
    );
  }
  const isOptional = type.kind !== "message" && hasPresence(field) && field.oneof === undefined;
  const word = field.fieldKind === "list" ? "repeated " : isOptional ? "optional " : "";
  return (
    <code class="type">
      {word}
      {inner}
    </code>
  );
}

/** All fields of a message, in the order of the file. */
export function Fields({ message, member }: { message: DescMessage; member?: string | undefined }) {
  if (message.fields.length === 0) return <p class="muted">It has no fields.</p>;
  return (
    <ul class="members">
      {message.members.map((one) =>
        one.kind === "oneof" ? (
          <Oneof key={one.name} oneof={one} member={member} />
        ) : (
          <Field key={one.name} field={one} member={member} />
        ),
      )}
    </ul>
  );
}

function Oneof({ oneof, member }: { oneof: DescOneof; member: string | undefined }) {
  return (
    <Member name={oneof.name} member={member}>
      <p>
        <code class="name">{oneof.name}</code> <span class="muted">one of</span>
      </p>
      <Prose text={commentOf(oneof)} />
      <ul class="members">
        {oneof.fields.map((field) => (
          <Field key={field.name} field={field} member={member} />
        ))}
      </ul>
    </Member>
  );
}

function Field({ field, member }: { field: DescField; member: string | undefined }) {
  return (
    <Member name={field.name} member={member}>
      <p>
        <code class="name">{field.name}</code> <FieldType field={field} />{" "}
        <span class="muted number">= {field.number}</span>
        {isRequired(field) && <span class="mark">required</span>}
        {field.deprecated && <Deprecated />}
      </p>
      <Prose text={commentOf(field)} />
    </Member>
  );
}

/** All values of an enum. */
export function Values({ type, member }: { type: DescEnum; member?: string | undefined }) {
  return (
    <ul class="members">
      {type.values.map((value) => (
        <Member key={value.name} name={value.name} member={member}>
          <p>
            <code class="name">{value.name}</code>{" "}
            <span class="muted number">= {value.number}</span>
            {value.deprecated && <Deprecated />}
          </p>
          <Prose text={commentOf(value)} />
        </Member>
      ))}
    </ul>
  );
}

/** What one came for is brought into view, and marked. */
function Member({
  name,
  member,
  children,
}: {
  name: string;
  member: string | undefined;
  children: preact.ComponentChildren;
}) {
  const item = useRef<HTMLLIElement>(null);
  const isSought = name === member;
  useEffect(() => {
    if (!isSought) return;
    item.current?.scrollIntoView({ block: "center" });
    item.current?.focus({ preventScroll: true });
  }, [isSought]);
  return (
    <li ref={item} class={isSought ? "sought" : undefined} tabIndex={isSought ? -1 : undefined}>
      {children}
    </li>
  );
}
