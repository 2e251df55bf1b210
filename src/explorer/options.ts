import type { DescMethod } from "@bufbuild/protobuf";
import { takesGet } from "./contract.ts";

/** How a method is called. */
export interface CallOptions {
  readonly protocol: "connect" | "grpc-web";
  readonly encoding: "json" | "binary";
  /** Whether to call with GET, if the method takes it and the protocol is Connect. */
  readonly get: boolean;
  /** The deadline in milliseconds; 0 is none. */
  readonly timeoutMs: number;
  /** Lines of "name: value". */
  readonly headers: string;
}

export const defaultOptions: CallOptions = {
  protocol: "connect",
  encoding: "json",
  get: false,
  timeoutMs: 0,
  headers: "",
};

/**
 * How a method is called of those ways that it can be: GET is for reads over
 * Connect, and Connect has streams in both directions over HTTP/2 only.
 */
export function optionsFor(
  method: DescMethod,
  options: CallOptions,
  isHttp2: boolean,
): CallOptions {
  const needsWeb = method.methodKind === "bidi_streaming" && !isHttp2;
  const protocol = needsWeb ? "grpc-web" : options.protocol;
  return { ...options, protocol, get: options.get && protocol === "connect" && takesGet(method) };
}

export type Header = readonly [name: string, value: string];

/** What lines of headers say, or what is wrong with them. */
export type ReadHeaders =
  | { readonly headers: readonly Header[]; readonly fault?: never }
  | { readonly headers?: never; readonly fault: string };

/** What a browser sets by itself, and lets no page set. */
const FORBIDDEN =
  /^(?:accept-charset|accept-encoding|access-control-.*|connection|content-length|cookie|date|dnt|expect|host|keep-alive|origin|permissions-policy|proxy-.*|referer|sec-.*|te|trailer|transfer-encoding|upgrade|via)$/;

/** What the protocols set by themselves. */
const RESERVED = /^(?:content-type|connect-.*|grpc-.*|x-grpc-web|x-user-agent|content-encoding)$/;

/** Reads one header from each line that is not empty. */
export function readHeaders(text: string): ReadHeaders {
  const headers: Header[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const at = `Line ${index + 1} of the headers`;
    const [, name, value] = /^\s*([^:\s]+)\s*:\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === undefined || value === undefined || !/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) {
      return { fault: `${at} is not "name: value", such as "authorization: Bearer …".` };
    }
    if (!/^[\x20-\x7e]*$/.test(value)) {
      return { fault: `${at}: values have printable ASCII characters only.` };
    }
    const lower = name.toLowerCase();
    if (FORBIDDEN.test(lower)) return { fault: `${at}: browsers do not let a page set ${lower}.` };
    if (RESERVED.test(lower)) return { fault: `${at}: ${lower} is for the protocol to set.` };
    headers.push([lower, value]);
  }
  return { headers };
}

/** Whether a header tells who calls, and belongs in no link. */
export function isSecret([name]: Header): boolean {
  return /authorization|token|secret|password|api-?key|session|credential/.test(name);
}
