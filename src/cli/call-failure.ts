import { Code, ConnectError } from "@connectrpc/connect";
import { explainError } from "../client/index.ts";
import { Failure } from "./failure.ts";
import type { GlobalOptions } from "./options.ts";

/** What a user calls the fields of a request, such as "--max", by their paths in proto names. */
export type FieldNames = Readonly<Record<string, string>>;

/**
 * Says what an error of a call means to somebody at a terminal, and what they
 * can do. What is no error of a call comes back as it is.
 *
 * @param options those that the call was made with.
 */
export function callFailure(
  error: unknown,
  { url, timeout }: GlobalOptions,
  names: FieldNames,
): unknown {
  if (!(error instanceof ConnectError)) return error;
  const { code, text, connectionFailed } = explainError(error);
  const tls = tlsFailure(error, url);
  if (tls !== undefined) return new Failure(tls);
  if (connectionFailed) {
    return new Failure(
      code === Code.Unavailable
        ? `nothing answers at ${url}: start it with \`npm start\`, or name another with --url`
        : `the connection to ${url} broke: does the server still run${url.startsWith("http:") ? ", and without TLS" : ""}?`,
    );
  }
  switch (code) {
    case Code.DeadlineExceeded:
      return new Failure(
        `no answer from ${url} within ${timeout} s: try again, or allow more with --timeout`,
      );
    case Code.Unavailable:
      return new Failure(`${url} cannot answer now: ${text}; try again later`);
    case Code.Unimplemented:
      return new Failure(
        `${url} does not know this call: is it an older Marquee, or another server?`,
      );
    case Code.Internal:
      return new Failure(
        text === "Protocol error"
          ? `what answers at ${url} speaks no HTTP/2: name a Marquee server with --url`
          : `the server failed: ${text}; its log says more`,
      );
    default:
      return new Failure(renamed(text, names));
  }
}

/** What OpenSSL says of an answer in cleartext, and of ours to a TLS client on a cleartext port. */
const noTls: ReadonlySet<string> = new Set([
  "ERR_SSL_WRONG_VERSION_NUMBER",
  "ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE",
]);

/** What hinders TLS with the server; undefined if something else failed. */
function tlsFailure(error: Error, url: string): string | undefined {
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) {
    const { code = "" } = cause as NodeJS.ErrnoException;
    if (noTls.has(code)) {
      return `what answers at ${url} speaks no TLS: try http:// instead of https://`;
    }
    if (/^ERR_(?:SSL|TLS)_|CERT|ISSUER/.test(code)) {
      return `no TLS connection to ${url}: ${cause.message}`;
    }
  }
  return undefined;
}

/** A message of the server about fields of the request, with what the user calls them. */
function renamed(text: string, names: FieldNames): string {
  const paths = Object.keys(names).map((path) => path.replaceAll(".", "\\."));
  if (paths.length === 0) return text;
  // Where a message names a field, it does so at the start or the end of a
  // sentence. What it quotes is the user's own.
  const quoted = String.raw`"(?:[^"\\]|\\.)*"`;
  const named = String.raw`(?<!\w)(${paths.join("|")})(?:\[\d+\](?:\.\w+)?)?(?=: |\.(?:$|;))`;
  return text.replaceAll(
    new RegExp(`${quoted}|${named}`, "g"),
    (match, path?: string) => names[path ?? ""] ?? match,
  );
}
