import type { DescMethod, JsonValue } from "@bufbuild/protobuf";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { commentOf } from "../../wire/reflection/comments.ts";
import { answersStream, takesStream, type Contract } from "../contract.ts";
import { exampleRequest } from "../examples.ts";
import { readRequest } from "../fault.ts";
import { readJson, writeJson } from "../json-text.ts";
import { optionsFor, readHeaders, type CallOptions } from "../options.ts";
import { hashOf, hashOfCall } from "../routes.ts";
import { Answer } from "./answer.tsx";
import { CallBar } from "./call-bar.tsx";
import { Commands } from "./commands.tsx";
import { MethodMarks } from "./marks.tsx";
import { Prose } from "./prose.tsx";
import { RequestEditor } from "./request-editor.tsx";
import { Fields, TypeLink } from "./types.tsx";
import { useCall } from "./use-call.ts";

interface Props {
  readonly contract: Contract;
  readonly method: DescMethod;
  readonly options: CallOptions;
  readonly onOptions: (options: CallOptions) => void;
  /** What was typed for each method, by its path. */
  readonly drafts: Map<string, string>;
  /** What the link fills in. */
  readonly request: string | undefined;
}

/** A method: what it does, a call of it, and what goes in and out. */
export function Method({ contract, method, options: given, onOptions, drafts, request }: Props) {
  const options = optionsFor(method, given, isHttp2());
  const path = `${method.parent.typeName}/${method.name}`;
  const [text, setText] = useState(
    () => request ?? drafts.get(path) ?? writeJson(exampleRequest(method, "needed")),
  );
  const { registry } = contract;
  const json = useMemo(() => readJson(text), [text]);
  const read = useMemo(
    () => (json.fault === undefined ? readRequest(method, json.value, registry) : undefined),
    [json, method, registry],
  );
  const headers = useMemo(() => readHeaders(options.headers), [options.headers]);
  const { state, call, cancel } = useCall();
  const messages = read?.messages;
  const isReady = messages !== undefined && headers.headers !== undefined;

  const change = (changed: string): void => {
    drafts.set(path, changed);
    setText(changed);
  };
  const start = (): void => {
    if (!isReady) return;
    const baseUrl = location.origin;
    call({ method, baseUrl, messages, registry, headers: headers.headers, options });
  };
  // Effects run after a paint, and keys may come before: what is called is what was typed last.
  const newest = useRef(start);
  newest.current = start;
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      newest.current();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);

  return (
    <>
      <p class="muted">
        <a href={hashOf(method.parent.typeName)}>{method.parent.typeName}</a>
      </p>
      <h1 tabIndex={-1}>
        {method.name} <MethodMarks method={method} />
      </h1>
      <p class="signature">
        <code>
          rpc {method.name}({takesStream(method) && "stream "}
          <TypeLink type={method.input} />) returns ({answersStream(method) && "stream "}
          <TypeLink type={method.output} />)
        </code>
      </p>
      <Prose text={commentOf(method)} />

      <section class="call card" aria-labelledby="call-heading">
        <h2 id="call-heading">Call</h2>
        {takesStream(method) && <StreamNote method={method} />}
        <RequestEditor
          {...{ method, text, json }}
          fault={read?.fault}
          faultyFields={state?.outcome?.failure?.faultyFields}
          onText={change}
          onExample={(extent) => change(writeJson(exampleRequest(method, extent)))}
        />
        <CallBar
          {...{ method, options, isReady }}
          onChange={(changed) => onOptions({ ...given, ...changed })}
          hasConnect={method.methodKind !== "bidi_streaming" || isHttp2()}
          headersFault={headers.fault}
          isRunning={state?.isRunning === true}
          onCall={start}
          onCancel={cancel}
          link={() =>
            location.origin + location.pathname + hashOfCall(path, compact(text), options)
          }
        />
        {state !== undefined && <Answer state={state} isStream={answersStream(method)} />}
      </section>

      <section aria-labelledby="commands-heading">
        <h2 id="commands-heading">The same call elsewhere</h2>
        {isReady ? (
          <Commands
            call={{
              ...{ method, baseUrl: location.origin, messages, registry, options },
              values: takesStream(method) ? (json.value as JsonValue[]) : [json.value as JsonValue],
              headers: headers.headers,
            }}
          />
        ) : (
          <p class="muted">The request above has to be right first.</p>
        )}
      </section>

      <h2>
        Request: <TypeLink type={method.input} />
      </h2>
      <Prose text={commentOf(method.input)} />
      <Fields message={method.input} />
      <h2>
        Response: <TypeLink type={method.output} />
      </h2>
      <Prose text={commentOf(method.output)} />
      <Fields message={method.output} />
    </>
  );
}

function StreamNote({ method }: { method: DescMethod }) {
  return (
    <p class="muted">
      This method takes a stream of messages. A browser sends them all at once, as one body, before
      it reads the answer.
      {method.methodKind === "bidi_streaming" &&
        !isHttp2() &&
        " Over HTTP/1.1, which this page came by, that takes gRPC-Web: Connect needs HTTP/2."}
      {method.methodKind === "bidi_streaming" &&
        " To send a message in reply to an answer (full duplex), use a client such as grpcurl, buf curl or generated code: no page can."}
    </p>
  );
}

/** Whether the browser and the server speak HTTP/2 or later. Without TLS, browsers do not. */
function isHttp2(): boolean {
  const [navigation] = performance.getEntriesByType("navigation");
  const { nextHopProtocol } = navigation as PerformanceNavigationTiming;
  return /^h[23]/.test(nextHopProtocol);
}

/** Links need no blanks. A request with a mistake is passed on as it is. */
function compact(text: string): string {
  const { value } = readJson(text);
  return value === undefined ? text : JSON.stringify(value);
}
