import type { Failure } from "../failure.ts";
import { writeJson } from "../json-text.ts";
import type { Header } from "../options.ts";
import { CopyButton } from "./copy.tsx";
import { JsonView } from "./json-view.tsx";
import type { CallState, Received } from "./use-call.ts";

/** What a call was answered with, as far as it has come. */
export function Answer({ state, isStream }: { state: CallState; isStream: boolean }) {
  const { outcome, received, count, headers } = state;
  const [only] = received;
  return (
    <div class="answer">
      <h3>Answer</h3>
      <p role="status" class={outcome?.failure === undefined ? "status" : "status failed"}>
        {statusOf(state, isStream)}
      </p>
      {outcome?.failure !== undefined && <FailureView failure={outcome.failure} />}
      {isStream ? (
        <Messages received={received} count={count} />
      ) : (
        only !== undefined && <One message={only} />
      )}
      <Headers title="Headers" headers={headers} />
      {outcome !== undefined && <Headers title="Trailers" headers={outcome.trailers} />}
    </div>
  );
}

function statusOf({ status, count, outcome }: CallState, isStream: boolean): string {
  const failed = outcome?.failure;
  const parts = [outcome === undefined ? "Running …" : (failed?.code ?? "ok")];
  if (failed?.code === "") parts[0] = status === undefined ? "no answer" : "broken off";
  if (status !== undefined) parts.push(`HTTP ${status}`);
  if (isStream && status !== undefined) {
    parts.push(`${count.toLocaleString("en")} ${count === 1 ? "message" : "messages"}`);
  }
  if (outcome !== undefined) parts.push(inTime(outcome.durationMs));
  return parts.join(" · ");
}

const inTime = (ms: number): string =>
  ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;

function FailureView({ failure }: { failure: Failure }) {
  return (
    <div class="notice">
      <p>{failure.message === "" ? "The server gave no reason." : failure.message}</p>
      {failure.faultyFields.size > 0 && (
        <ul class="violations">
          {[...failure.faultyFields].map(([field, description]) => (
            <li key={field}>
              <code>{field}</code> {description}
            </li>
          ))}
        </ul>
      )}
      {failure.details.map((detail, at) => (
        <details key={at} open={detail.type !== "google.rpc.BadRequest"}>
          <summary>
            <code>{detail.type}</code>
          </summary>
          {detail.value === undefined ? (
            <p class="muted">
              Of a type that the descriptors do not have; in base64:{" "}
              <code class="bytes">{detail.bytes}</code>
            </p>
          ) : (
            <JsonView value={detail.value} />
          )}
        </details>
      ))}
    </div>
  );
}

function One({ message }: { message: Received }) {
  return (
    <div class="message">
      <JsonView value={message.value} />
      <CopyButton text={() => writeJson(message.value)} />
    </div>
  );
}

/** The newest is on top, where one sees it come. */
function Messages({ received, count }: { received: readonly Received[]; count: number }) {
  return (
    <>
      {count > received.length && <p class="muted">The newest {received.length} are kept here.</p>}
      <ol class="messages" tabIndex={0} aria-label="Messages, the newest first">
        {received.map((message) => (
          <li key={message.number}>
            <small class="muted">
              {message.number} · {inTime(message.atMs)}
            </small>
            <JsonView value={message.value} />
          </li>
        ))}
      </ol>
    </>
  );
}

function Headers({ title, headers }: { title: string; headers: readonly Header[] }) {
  if (headers.length === 0) return null;
  return (
    <details>
      <summary>
        {title} ({headers.length})
      </summary>
      <dl class="headers-list">
        {headers.map(([name, value], at) => (
          <div key={at}>
            <dt>
              <code>{name}</code>
            </dt>
            <dd>
              <code>{value}</code>
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
