import type { Socket } from "node:net";
import { Code } from "@connectrpc/connect";
import { jsonError } from "./answer.ts";

const answers: Readonly<Record<string, { status: string; code: Code; message: string }>> = {
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

const malformed = {
  status: "400 Bad Request",
  code: Code.InvalidArgument,
  message: "this is neither HTTP/1.1 nor HTTP/2",
};

/** Answers bytes that never became an HTTP/1.1 request, and closes their connection. */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (socket.destroyed) return;
  // Something was answered already: another answer in the middle of it would be worse.
  if (error.code === "ECONNRESET" || !socket.writable || socket.bytesWritten > 0) {
    socket.destroy();
    return;
  }
  const { status, code, message } = answers[error.code ?? ""] ?? malformed;
  const body = jsonError(code, message).toString();
  const head = `content-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close`;
  socket.end(`HTTP/1.1 ${status}\r\n${head}\r\n\r\n${body}`, () => socket.destroySoon());
}
