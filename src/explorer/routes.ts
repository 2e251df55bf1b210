import { defaultOptions, isSecret, readHeaders, type CallOptions } from "./options.ts";

/** What the hash of a URL says. */
export interface Route {
  /** Such as "pkg.Service/Method" or "pkg.Message"; empty for the overview. */
  readonly path: string;
  /** A field or value of it to show. */
  readonly member?: string;
  /** The text of a request to fill in. */
  readonly request?: string;
  /** How to call. Undefined where the link does not say. */
  readonly options?: CallOptions;
}

/** Reads the hash of a URL. Undefined if it is none of this page, such as "#main". */
export function readRoute(hash: string): Route | undefined {
  if (hash === "" || hash === "#") return { path: "" };
  if (!hash.startsWith("#/")) return undefined;
  const [path = "", query] = splitOnce(hash.slice(2), "?");
  if (query === undefined) return { path: decoded(path) };
  const params = new URLSearchParams(query);
  const [member, request] = [params.get("member"), params.get("request")];
  return {
    path: decoded(path),
    ...(member === null ? {} : { member }),
    ...(request === null ? {} : { request, options: readOptions(params) }),
  };
}

/** The hash of what is at a path. */
export function hashOf(path: string, member?: string): string {
  const query = member === undefined ? "" : `?${new URLSearchParams({ member }).toString()}`;
  return `#/${path}${query}`;
}

/**
 * The hash that brings a call back as it is. It fills the call in, and does not
 * make it. Headers that tell who calls are left out: links are passed on.
 */
export function hashOfCall(path: string, request: string, options: CallOptions): string {
  const params = new URLSearchParams({ request });
  if (options.protocol !== defaultOptions.protocol) params.set("protocol", options.protocol);
  if (options.encoding !== defaultOptions.encoding) params.set("encoding", options.encoding);
  if (options.get) params.set("get", "1");
  if (options.timeoutMs > 0) params.set("timeout", String(options.timeoutMs));
  for (const header of readHeaders(options.headers).headers ?? []) {
    if (!isSecret(header)) params.append("header", header.join(": "));
  }
  return `#/${path}?${params.toString()}`;
}

function readOptions(params: URLSearchParams): CallOptions {
  const timeout = params.get("timeout") ?? "";
  return {
    protocol: params.get("protocol") === "grpc-web" ? "grpc-web" : "connect",
    encoding: params.get("encoding") === "binary" ? "binary" : "json",
    get: params.get("get") === "1",
    timeoutMs: /^\d{1,9}$/.test(timeout) ? Number(timeout) : 0,
    headers: params.getAll("header").join("\n"),
  };
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** What cannot be decoded names nothing, so it may stay as it is. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
