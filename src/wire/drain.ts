import type { ServerHttp2Session } from "node:http2";
import type { Server, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Connection } from "./connections.ts";
import type { HttpServers } from "./http-servers.ts";
import type { RunningCalls } from "./running-calls.ts";

/** How long the ports stay open for streams that are told of the end: milliseconds. */
const noticeMs = 500;

/** How long requests that are on their way may take to arrive: milliseconds. */
const graceMs = 500;

/** How often it is looked whether all connections are closed, or all answers have left: milliseconds. */
const pollMs = 20;

/** How long the last answers may take to leave: milliseconds. */
const lastWordsMs = 250;

/**
 * Ends a server without losing a call.
 *
 * Streams without an end are ended. Then listeners close, clients are told that
 * they should go elsewhere, and calls that come in spite of that are answered.
 * When the grace is over, what is idle is closed; what runs may go on until
 * `timeoutMs`, and is aborted then.
 *
 * @param onDrain tells streams that would go on forever to end; the ports close
 *   when it is done, or takes too long. It must not reject.
 * @param abort aborts the calls that are left, so that their clients are told.
 * @returns when all connections are closed: how many calls were cut.
 */
export async function drain(
  listeners: readonly Server[],
  servers: HttpServers,
  calls: RunningCalls,
  timeoutMs: number,
  onDrain: () => Promise<void>,
  abort: () => void,
): Promise<{ readonly cut: number }> {
  const deadline = performance.now() + timeoutMs;
  const left = (): number => Math.max(0, deadline - performance.now());
  // A timer that is left over must not keep the process alive.
  const notice = sleep(Math.min(noticeMs, left()), undefined, { ref: false });
  await Promise.race([onDrain(), notice]);
  for (const listener of listeners) listener.close();
  calls.closeConnections();
  for (const { socket, session } of servers.connections.values()) {
    if (session !== undefined) giveNotice(socket, session);
  }

  // Of whom is gone, nothing is on its way any more.
  const graceEnd = performance.now() + Math.min(graceMs, left());
  do await sleep(Math.min(pollMs, left()));
  while (servers.connections.size > 0 && performance.now() < graceEnd);
  for (const { session } of servers.connections.values()) session?.close();
  // Node.js takes a connection for idle once its answer is written, though not sent.
  while (isSending(servers) && left() > 0) await sleep(Math.min(pollMs, left()));
  servers.http1.closeIdleConnections();
  await Promise.race([calls.none(), sleep(left(), undefined, { ref: false })]);

  const cut = calls.count;
  if (cut > 0) {
    abort();
    await Promise.race([calls.none(), sleep(lastWordsMs, undefined, { ref: false })]);
  }
  await closeAll(servers.connections);
  return { cut };
}

/**
 * Ends one HTTP/2 connection without losing a call: the client goes elsewhere
 * with new calls, and those that it has on their way are answered.
 */
export function retire(socket: Socket, session: ServerHttp2Session): void {
  giveNotice(socket, session);
  const grace = setTimeout(() => session.close(), graceMs);
  session.once("close", () => clearTimeout(grace));
}

/** Whether an HTTP/1.1 client has yet to take what was written to it. */
function isSending({ connections }: HttpServers): boolean {
  for (const { socket, session } of connections.values()) {
    if (session === undefined && socket.writableLength > 0) return true;
  }
  return false;
}

async function closeAll(connections: ReadonlyMap<Socket, Connection>): Promise<void> {
  const closed = [...connections.values()].map(({ socket, session }) => {
    const end = new Promise<void>((resolve) => {
      socket.once("close", () => resolve());
    });
    if (session === undefined) socket.destroySoon();
    else session.close();
    return end;
  });
  await Promise.race([Promise.all(closed), sleep(lastWordsMs, undefined, { ref: false })]);
  for (const socket of connections.keys()) socket.destroy();
  await Promise.all(closed);
}

/**
 * Tells an HTTP/2 client to open no more streams, but still takes those that
 * it opened before it was told: `session.goaway()` makes nghttp2 ignore new
 * streams from then on, whatever last stream id it announces.
 */
function giveNotice(socket: Socket, session: ServerHttp2Session): void {
  if (session.destroyed || session.closed) return;
  if ("encrypted" in socket) {
    // A write past Node.js could fall into one of its own, which ends the
    // process. So what is on its way is refused: its client sees by the last
    // stream id that it was not begun, and may send it elsewhere.
    session.close();
  } else if (!socket.destroyed) {
    // Node.js hands whole frames to the socket: this one falls between two.
    socket.write(shutdownNotice);
  }
}

/** A GOAWAY frame of stream 0: 8 bytes long, last stream 2^31-1, NO_ERROR. */
const shutdownNotice = Buffer.from("0000080700000000007fffffff00000000", "hex");
