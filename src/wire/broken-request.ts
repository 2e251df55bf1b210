import type { Socket } from "node:net";
import { Code } from "@connectrpc/connect";
import { jsonError } from "./answer.ts";

interface BareAnswer {
  readonly status: string;
  readonly code: Code;
  readonly message: string;
}

const answers: Readonly<Record<string, BareAnswer>> = {
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: "408 Request Timeout",
    code: Code.DeadlineExceeded,
    message: "the request took too long to arrive",
  },
  HPE_HEADER_OVERFLOW: {
    status: "431 Request Header Fields Too Large",
    code: Code.ResourceExhausted,
    message: "the headers of the request are too large",
  },
};

const malformed: BareAnswer = {
  status: "400 Bad Request",
  code: Code.InvalidArgument,
  message: "this is neither HTTP/1.1 nor HTTP/2",
};

const needsTls: BareAnswer = {
  status: "400 Bad Request",
  code: Code.InvalidArgument,
  message: "this port speaks TLS: use https",
};

/** How long a client may take to read an answer to what never became a request: milliseconds. */
const lastWordsMs = 1_000;

/** Why bytes never became an HTTP/1.1 request, for the answer and for the log. */
export function whyBroken(error: Error & { code?: string | undefined }): string {
  return answerTo(error).message;
}

/** Answers bytes that never became an HTTP/1.1 request, and closes their connection. */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (socket.destroyed) return;
  // Something was answered already: another answer in the middle of it would be worse.
  if (error.code === "ECONNRESET" || !socket.writable || socket.bytesWritten > 0) {
    socket.destroy();
    return;
  }
  socket.end(inBytes(answerTo(error)), () => socket.destroySoon());
}

/** Answers an HTTP/1.1 request in cleartext where TLS is spoken, and closes its connection. */
export function answerCleartext(socket: Socket): void {
  socket.on("error", () => socket.destroy());
  // A connection that is closed with bytes unread is reset, and the answer lost.
  socket.resume();
  socket.once("end", () => socket.destroySoon());
  const timeout = setTimeout(() => socket.destroy(), lastWordsMs);
  socket.once("close", () => clearTimeout(timeout));
  socket.end(inBytes(needsTls));
}

function answerTo({ code }: { code?: string | undefined }): BareAnswer {
  return answers[code ?? ""] ?? malformed;
}

function inBytes({ status, code, message }: BareAnswer): string {
  const body = jsonError(code, message).toString();
  const head = `content-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close`;
  return `HTTP/1.1 ${status}\r\n${head}\r\n\r\n${body}`;
}
