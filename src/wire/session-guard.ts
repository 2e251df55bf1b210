import { randomBytes } from "node:crypto";
import { constants, type ServerHttp2Session } from "node:http2";
import type { Socket } from "node:net";
import { retire } from "./drain.ts";
import { controlBounds, http2Bounds, type ConnectionLimits } from "./limits.ts";

/** A PING or SETTINGS frame with its acknowledgement takes as much of what is written. */
const ackBytes = 17;

/** How long the reason of an end may take to leave: milliseconds. */
const lastWordsMs = 1_000;

/** Watches one HTTP/2 session for what neither Node.js nor nghttp2 puts an end to. */
export interface SessionGuard {
  /** To be called for every stream, once each: a listener of its own would cost more. */
  streamOpened(): void;
  /** @param code with which the stream was reset; 0 if it ended well. */
  streamClosed(code: number): void;
  /** To be called every now and then. */
  check(now: number): void;
}

/**
 * Ends a session that is idle or old, gently; and one that floods or reads
 * nothing, at once.
 *
 * @param onCut is told why a session was ended at once.
 */
export function guardSession(
  socket: Socket,
  session: ServerHttp2Session,
  limits: ConnectionLimits,
  onCut: (reason: string) => void,
): SessionGuard {
  const born = performance.now();
  const maxAgeMs = limits.maxAgeMs * (0.9 + Math.random() * 0.2);
  let open = 0;
  let opened = 0;
  let canceled = 0;
  let idleSince = born;
  let retiredAt: number | undefined;
  let openedBefore = 0;
  let readBefore = 0;
  let pingedAt: number | undefined;
  let ponged = born;

  session.on("error", (error) => {
    // nghttp2 ends those who cancel too much with an error that says nothing.
    const isReset = canceled >= http2Bounds.streamResetBurst / 2;
    onCut(isReset ? "a flood of canceled streams" : error.message);
    session.destroy();
  });
  const cut = (reason: string, code: number = constants.NGHTTP2_ENHANCE_YOUR_CALM): void => {
    if (session.destroyed) return;
    session.destroy(new Error(reason), code);
    // One that was to be closed gently waits for a client that may never read.
    setTimeout(() => socket.destroy(), lastWordsMs).unref();
  };

  const control = { count: 0, since: born, written: 0 };
  const onControl = (): void => {
    if (++control.count < controlBounds.frames) return;
    const now = performance.now();
    const written = socket.bytesWritten;
    const answers = written - control.written - control.count * ackBytes;
    const isUseful = answers > control.count * controlBounds.bytesForFrame;
    if (now - control.since < controlBounds.withinMs && !isUseful) {
      cut("a flood of PING or SETTINGS frames");
    }
    control.count = 0;
    control.since = now;
    control.written = written;
  };
  session.on("ping", onControl);
  session.on("remoteSettings", onControl);

  const checkPing = (now: number): void => {
    if (pingedAt !== undefined) {
      if (now - pingedAt > limits.stallMs) cut("the client reads nothing");
    } else if (open > 0 && now - ponged > limits.stallMs) {
      pingedAt = now;
      // What the client has not read it cannot know.
      session.ping(randomBytes(8), (error) => {
        if (error !== null) return;
        pingedAt = undefined;
        ponged = performance.now();
      });
    }
  };

  const checkBytes = (): void => {
    const read = socket.bytesRead;
    const isUseless = open === 0 && opened === openedBefore;
    if (isUseless && read - readBefore > controlBounds.bytesWithoutStreams) {
      cut("a flood of frames that belong to no stream");
    }
    openedBefore = opened;
    readBefore = read;
  };

  return {
    streamOpened() {
      open++;
      opened++;
    },
    streamClosed(code) {
      if (code === constants.NGHTTP2_CANCEL) canceled++;
      if (--open === 0) idleSince = performance.now();
    },
    check(now) {
      if (session.destroyed) return;
      checkPing(now);
      checkBytes();
      if (retiredAt !== undefined) {
        // Without a stream there is nothing to wait for; half of one does not count.
        const graceMs = open === 0 ? limits.firstBytesMs : limits.ageGraceMs;
        if (now - retiredAt > graceMs) cut("it did not end in time", constants.NGHTTP2_NO_ERROR);
      } else if (
        (open === 0 && now - idleSince > limits.idleMs) ||
        (limits.maxAgeMs > 0 && now - born > maxAgeMs)
      ) {
        retiredAt = now;
        retire(socket, session);
      }
    },
  };
}
