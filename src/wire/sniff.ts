import type { Socket } from "node:net";

/** What a connection begins with: the preface of HTTP/2, or anything else. */
export type FirstBytes = "h2" | "http/1.1";

/** The first bytes of HTTP/2's preface. No method of HTTP/1.1 begins with them. */
const preface = Buffer.from("PRI");

/**
 * Waits for as many bytes as tell the protocol of a connection, and puts them
 * back. The socket is paused then.
 *
 * @param timeoutMs after which a connection that says nothing is destroyed.
 */
export function sniff(
  socket: Socket,
  timeoutMs: number,
  onKnown: (protocol: FirstBytes) => void,
): void {
  let head: Buffer = Buffer.alloc(0);
  const timeout = setTimeout(() => socket.destroy(), timeoutMs);
  const onData = (chunk: Buffer): void => {
    head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
    const length = Math.min(head.length, preface.length);
    const isPreface = head.subarray(0, length).equals(preface.subarray(0, length));
    if (isPreface && length < preface.length) return;
    stop();
    socket.pause();
    socket.unshift(head);
    onKnown(isPreface ? "h2" : "http/1.1");
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
