import type { DescMethod } from "@bufbuild/protobuf";
import { useId } from "preact/hooks";
import { takesGet } from "../contract.ts";
import { isSecret, readHeaders, type CallOptions } from "../options.ts";
import { CopyButton } from "./copy.tsx";

interface Props {
  readonly method: DescMethod;
  readonly options: CallOptions;
  readonly onChange: (change: Partial<CallOptions>) => void;
  /** Whether the method can be called over Connect from here. */
  readonly hasConnect: boolean;
  readonly headersFault: string | undefined;
  readonly isReady: boolean;
  readonly isRunning: boolean;
  readonly onCall: () => void;
  readonly onCancel: () => void;
  readonly link: () => string;
}

/** How to call, and the buttons that do it. */
export function CallBar(props: Props) {
  const { method, options, onChange: set, hasConnect, headersFault, isReady, isRunning } = props;
  const id = useId();
  const hasSecrets = (readHeaders(options.headers).headers ?? []).some(isSecret);
  return (
    <div class="call-bar">
      <div class="settings">
        <label>
          Protocol
          <select
            class="field"
            value={options.protocol}
            onChange={({ currentTarget: { value } }) =>
              set({ protocol: value === "grpc-web" ? "grpc-web" : "connect" })
            }
          >
            <option value="connect" disabled={!hasConnect}>
              Connect
            </option>
            <option value="grpc-web">gRPC-Web</option>
          </select>
        </label>
        <label>
          Encoding
          <select
            class="field"
            value={options.encoding}
            onChange={({ currentTarget: { value } }) =>
              set({ encoding: value === "binary" ? "binary" : "json" })
            }
          >
            <option value="json">JSON</option>
            <option value="binary">Binary</option>
          </select>
        </label>
        <label>
          Deadline, ms
          <input
            class="field deadline"
            type="number"
            inputMode="numeric"
            min="0"
            max="999999999"
            step="1"
            placeholder="none"
            value={options.timeoutMs === 0 ? "" : options.timeoutMs}
            onInput={({ currentTarget: { value } }) =>
              set({ timeoutMs: /^\d{1,9}$/.test(value) ? Number(value) : 0 })
            }
          />
        </label>
        {takesGet(method) && (
          <label class="check">
            <input
              type="checkbox"
              checked={options.get}
              disabled={options.protocol !== "connect"}
              onChange={({ currentTarget: { checked } }) => set({ get: checked })}
            />
            Use GET
          </label>
        )}
      </div>
      <details open={headersFault !== undefined || options.headers !== ""}>
        <summary>Headers</summary>
        <label class="visually-hidden" htmlFor={`${id}-headers`}>
          Headers, one on each line
        </label>
        <textarea
          id={`${id}-headers`}
          class="field headers"
          rows={2}
          spellcheck={false}
          placeholder="name: value"
          value={options.headers}
          aria-invalid={headersFault !== undefined}
          aria-describedby={`${id}-told`}
          onInput={({ currentTarget: { value } }) => set({ headers: value })}
        />
        <p id={`${id}-told`} class={headersFault === undefined ? "muted" : "fault"}>
          {headersFault ?? "One on each line. They are sent with every call from this page."}
        </p>
      </details>
      <div class="buttons">
        <button
          type="button"
          class="button primary"
          disabled={!isReady}
          onClick={props.onCall}
          aria-keyshortcuts="Control+Enter"
        >
          Call <kbd>Ctrl ↵</kbd>
        </button>
        <button type="button" class="button" disabled={!isRunning} onClick={props.onCancel}>
          Cancel
        </button>
        <CopyButton text={props.link} label="Copy link" />
        {hasSecrets && <small class="muted">Links leave out who calls.</small>}
      </div>
    </div>
  );
}
