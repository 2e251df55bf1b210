import type { Socket } from "node:net";
import { handshakeRecord } from "./tls.ts";

/** What a connection begins with: TLS, the preface of HTTP/2, or anything else. */
export type FirstBytes = "tls" | "h2" | "http/1.1";

/** The first bytes of HTTP/2's preface. No method of HTTP/1.1 begins with them. */
const preface = Buffer.from("PRI");

/**
 * Waits for as many bytes as tell the protocol of a connection, and puts them
 * back. The socket is paused then.
 *
 * @param timeoutMs after which a connection that says nothing is destroyed.
 * @param onTimeout is told of that.
 */
export function sniff(
  socket: Socket,
  timeoutMs: number,
  onKnown: (protocol: FirstBytes) => void,
  onTimeout: () => void,
): void {
  let head: Buffer = Buffer.alloc(0);
  const timeout = setTimeout(() => {
    onTimeout();
    socket.destroy();
  }, timeoutMs);
  const onData = (chunk: Buffer): void => {
    head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
    const length = Math.min(head.length, preface.length);
    const isPreface = head.subarray(0, length).equals(preface.subarray(0, length));
    if (isPreface && length < preface.length) return;
    stop();
    socket.pause();
    socket.unshift(head);
    if (isPreface) onKnown("h2");
    else onKnown(head[0] === handshakeRecord ? "tls" : "http/1.1");
  };
  const onEnd = (): void => {
    socket.destroy();
  };
  const stop = (): void => {
    clearTimeout(timeout);
    socket.off("data", onData);
    socket.off("end", onEnd);
    socket.off("error", onEnd);
    socket.off("close", stop);
  };
  socket.on("data", onData);
  socket.on("end", onEnd);
  socket.on("error", onEnd);
  socket.on("close", stop);
}
