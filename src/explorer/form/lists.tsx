import { ScalarType, type JsonValue } from "@bufbuild/protobuf";
import { emptyValue, scalarHint, type ValueType } from "../fields.ts";
import { isObject, type Path } from "../json-text.ts";
import { useForm } from "./form-context.ts";
import { Single } from "./single.tsx";
import { isText } from "./text.ts";

interface Props {
  readonly type: ValueType;
  readonly value: JsonValue | undefined;
  readonly path: Path;
  readonly name: string;
}

/** The values of a list, or the messages of a stream. */
export function Elements({ type, value, path, name, noun }: Props & { noun: string }) {
  const { edit } = useForm();
  const elements = Array.isArray(value) ? value : [];
  const remove = (at: number): void => {
    const rest = elements.filter((_, index) => index !== at);
    // A stream without messages is a request still; a list without elements is not there.
    edit(path, rest.length === 0 && path.length > 0 ? undefined : rest);
  };
  return (
    <>
      {elements.map((element, at) => (
        <Item
          key={at}
          {...{ type, value: element }}
          path={[...path, at]}
          // Errors of a stream do not say which message they are about.
          name={path.length === 0 ? name : `${name}[${at}]`}
          title={`${noun} ${at + 1}`}
          onRemove={() => remove(at)}
        />
      ))}
      <button
        type="button"
        class="button small"
        onClick={() => edit(path, [...elements, emptyValue(type)])}
      >
        Add {noun}
      </button>
    </>
  );
}

/** The entries of a map. */
export function Entries({ type, value, path, name, mapKey }: Props & { mapKey: ScalarType }) {
  const { edit } = useForm();
  const entries = isObject(value) ? Object.entries(value) : [];
  const write = (changed: readonly (readonly [string, JsonValue])[]): void =>
    edit(path, changed.length === 0 ? undefined : Object.fromEntries(changed));
  const rename = (at: number, key: string): void => {
    if (entries.some(([other], index) => other === key && index !== at)) return;
    write(entries.map(([old, one], index) => [index === at ? key : old, one]));
  };
  const freshKey = (): string => {
    if (mapKey === ScalarType.BOOL)
      return value !== undefined && "true" in entries ? "false" : "true";
    const stem = mapKey === ScalarType.STRING ? "key" : "";
    for (let number = 1; ; number += 1) {
      const key = stem + String(number);
      if (!entries.some(([other]) => other === key)) return key;
    }
  };
  return (
    <>
      {entries.map(([key, one], at) => (
        <div key={at} class="map-entry">
          <input
            class="field"
            aria-label={`Key ${at + 1} of ${name}`}
            placeholder={scalarHint(mapKey)}
            value={key}
            onChange={({ currentTarget }) => {
              rename(at, currentTarget.value);
              // A key that is there already is not taken.
              currentTarget.value = key;
            }}
          />
          <Item
            {...{ type, value: one }}
            path={[...path, key]}
            name={`${name}[${JSON.stringify(key)}]`}
            title={`Value of ${key}`}
            onRemove={() => write(entries.filter((_, index) => index !== at))}
          />
        </div>
      ))}
      <button
        type="button"
        class="button small"
        onClick={() => write([...entries, [freshKey(), emptyValue(type)]])}
      >
        Add entry
      </button>
    </>
  );
}

function Item({
  type,
  value,
  path,
  name,
  title,
  onRemove,
}: Props & { title: string; onRemove: () => void }) {
  const { fieldsOf } = useForm();
  const remove = (
    <button type="button" class="button small" aria-label={`Remove ${title}`} onClick={onRemove}>
      ×
    </button>
  );
  if (type.kind === "message" && !isText(type.message)) {
    return (
      <fieldset class="item">
        <legend>
          {title} {remove}
        </legend>
        {fieldsOf({ message: type.message, value, path, name })}
      </fieldset>
    );
  }
  return (
    <div class="item-line">
      <Single {...{ type, value, path, name }} label={title} isElement />
      {remove}
    </div>
  );
}
