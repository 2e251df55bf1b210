import { gunzipSync } from "node:zlib";
import { codeName } from "./answer.ts";
import { isGrpc, type Protocol } from "./protocol.ts";

/** What went out, for reading the code of a call from it. */
export interface SentResponse {
  readonly protocol: Protocol;
  readonly status: number;
  readonly header: Headers | undefined;
  readonly trailer: Headers | undefined;
  /** The last chunk of the body. */
  readonly last: Uint8Array | undefined;
}

/**
 * The code that a response tells its client: "ok", or the name of an error
 * code. "unknown" if it tells none.
 */
export function sentCode({ protocol, status, header, trailer, last }: SentResponse): string {
  const grpcStatus = trailer?.get("grpc-status") ?? header?.get("grpc-status");
  if (isGrpc(protocol)) return statusName(grpcStatus ?? (last && webStatus(last)));
  if (header?.get("content-type")?.startsWith("application/connect+") === true) {
    return last === undefined ? "unknown" : endStreamCode(last);
  }
  if (status === 200) return "ok";
  return last === undefined ? "unknown" : errorCode(unzip(last, isZipped(header)), []);
}

const compressedFlag = 0x01;
const endStreamFlag = 0x02;
const trailerFlag = 0x80;
const prefixBytes = 5;

function webStatus(envelope: Uint8Array): string | undefined {
  if (((envelope[0] ?? 0) & trailerFlag) === 0) return undefined;
  return /^grpc-status: ?(\d+)/im.exec(payload(envelope).toString())?.[1];
}

function endStreamCode(envelope: Uint8Array): string {
  if (((envelope[0] ?? 0) & endStreamFlag) === 0) return "unknown";
  const json = payload(envelope);
  return json.toString() === "{}" ? "ok" : errorCode(json, ["error"], "ok");
}

function payload(envelope: Uint8Array): Buffer {
  return unzip(envelope.subarray(prefixBytes), ((envelope[0] ?? 0) & compressedFlag) !== 0);
}

function isZipped(header: Headers | undefined): boolean {
  return header?.get("content-encoding") === "gzip";
}

function unzip(bytes: Uint8Array, zipped: boolean): Buffer {
  return zipped ? gunzipSync(bytes) : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function errorCode(json: Buffer, path: readonly string[], none = "unknown"): string {
  let value: unknown = JSON.parse(json.toString());
  for (const key of [...path, "code"])
    value = (value as Record<string, unknown> | undefined)?.[key];
  return typeof value === "string" ? value : none;
}

function statusName(status: string | null | undefined): string {
  if (status === "0") return "ok";
  return (
    (status === null || status === undefined ? undefined : codeName(Number(status))) ?? "unknown"
  );
}
