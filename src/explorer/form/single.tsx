import { ScalarType, type DescEnum, type JsonValue } from "@bufbuild/protobuf";
import { useId, useState } from "preact/hooks";
import {
  isFreeJson,
  jsonOfTyped,
  scalarHint,
  textHint,
  wrappedScalar,
  type ValueType,
} from "../fields.ts";
import { readJson, type Path } from "../json-text.ts";
import { useForm } from "./form-context.ts";

interface Props {
  readonly type: ValueType;
  readonly value: JsonValue | undefined;
  readonly path: Path;
  readonly name: string;
  /** Of the control, where a label names it. */
  readonly id?: string;
  /** What to call the control, where none does. */
  readonly label?: string;
  /** Whether it is there by being there: what is empty is a value too. */
  readonly isElement?: boolean;
  /** Whether it can be absent and not be the default. */
  readonly isOptional?: boolean;
}

interface Control {
  readonly id: string;
  readonly class: string;
  readonly "aria-label": string | undefined;
  readonly "aria-invalid": boolean;
  readonly "aria-describedby": string;
}

/** The control for one value: of a scalar, an enum, or a message that JSON has as one. */
export function Single(props: Props) {
  const { value, path, name, label } = props;
  const { edit, faultOf } = useForm();
  const own = useId();
  const id = props.id ?? own;
  const fault = faultOf(path, name);
  const control: Control = {
    id,
    class: "field",
    "aria-label": label,
    "aria-invalid": fault !== undefined,
    "aria-describedby": `${id}-hint ${id}-fault`,
  };
  const write = (changed: JsonValue | undefined): void => edit(path, changed);
  return (
    <>
      {controlOf(props, control, write)}
      {fault !== undefined && (
        <p id={`${id}-fault`} class="fault">
          {value === undefined ? `${name}: ${fault}` : fault}
        </p>
      )}
    </>
  );
}

function controlOf(
  { type, value, isOptional = false, isElement = false }: Props,
  control: Control,
  write: (value: JsonValue | undefined) => void,
) {
  if (type.kind === "enum") {
    return <EnumSelect type={type.enum} {...{ value, control, write, isElement }} />;
  }
  if (type.kind === "message" && isFreeJson(type.message)) {
    return <FreeJson {...{ value, control, write, isElement }} />;
  }
  const scalar =
    type.kind === "scalar" ? type.scalar : (wrappedScalar(type.message) ?? ScalarType.STRING);
  if (scalar === ScalarType.BOOL) {
    if (!isOptional || isElement) {
      const { class: _, ...rest } = control;
      return (
        <input
          type="checkbox"
          {...rest}
          checked={value === true}
          onChange={({ currentTarget: { checked } }) =>
            write(checked || isElement ? checked : undefined)
          }
        />
      );
    }
    return (
      <select
        {...control}
        value={value === undefined ? "" : String(value)}
        onChange={({ currentTarget }) =>
          write(currentTarget.value === "" ? undefined : currentTarget.value === "true")
        }
      >
        <option value="">not set</option>
        <option>true</option>
        <option>false</option>
      </select>
    );
  }
  const text = value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);
  const typed = (changed: string): void =>
    write(changed === "" && !isElement ? undefined : jsonOfTyped(scalar, changed));
  const hint = type.kind === "message" ? textHint(type.message) : scalarHint(scalar);
  const shared = {
    ...control,
    value: text,
    placeholder: hint,
    spellcheck: false,
    autocomplete: "off",
    onInput: ({ currentTarget }: { currentTarget: { value: string } }) =>
      typed(currentTarget.value),
  };
  // An input would drop the ends of lines.
  return text.includes("\n") ? <textarea rows={3} {...shared} /> : <input {...shared} />;
}

interface ControlProps {
  readonly value: JsonValue | undefined;
  readonly control: Control;
  readonly write: (value: JsonValue | undefined) => void;
  readonly isElement: boolean;
}

function EnumSelect({ type, value, control, write, isElement }: ControlProps & { type: DescEnum }) {
  const name = typeof value === "number" ? (type.value[value]?.name ?? String(value)) : value;
  const isKnown = type.values.some((one) => one.name === name);
  return (
    <select
      {...control}
      value={name === undefined ? "" : String(name)}
      onChange={({ currentTarget }) =>
        write(currentTarget.value === "" ? undefined : currentTarget.value)
      }
    >
      {!isElement && <option value="">not set</option>}
      {name !== undefined && !isKnown && <option>{String(name)}</option>}
      {type.values.map((one) => (
        <option key={one.name}>{one.name}</option>
      ))}
    </select>
  );
}

/** JSON of any kind. What is no JSON yet stays here until it is. */
function FreeJson({ value, control, write, isElement }: ControlProps) {
  const whole = value === undefined ? "" : JSON.stringify(value);
  const [draft, setDraft] = useState<string>();
  const change = (text: string): void => {
    const read = readJson(text);
    if (text === "" && !isElement) write(undefined);
    else if (read.fault === undefined) write(read.value);
    setDraft(text);
  };
  const isBroken = draft !== undefined && draft !== "" && readJson(draft).fault !== undefined;
  return (
    <textarea
      {...control}
      rows={2}
      spellcheck={false}
      placeholder="JSON"
      aria-invalid={isBroken || control["aria-invalid"]}
      value={draft ?? whole}
      onInput={({ currentTarget }) => change(currentTarget.value)}
      onBlur={() => !isBroken && setDraft(undefined)}
    />
  );
}
