/** What one client, or all of them, may take: times are in milliseconds. */
export interface ConnectionLimits {
  /** Connections at a time; what is beyond is closed at once. */
  readonly maxConnections: number;
  /**
   * Streams that one HTTP/2 connection may have open at a time; Node.js sets no
   * limit. A gateway or client library puts all its calls on one connection and
   * queues what is beyond the limit, so that it has to be well above what this
   * process can work on at a time; but each stream may hold a window of 64 KiB
   * unread, so that there has to be one.
   */
  readonly maxStreams: number;
  /** Bytes of all headers of a request, names and values, in both versions of HTTP. */
  readonly maxHeaderBytes: number;
  /** Until a new connection says something, and until HTTP/2's preface is complete. */
  readonly firstBytesMs: number;
  /** For a TLS handshake. */
  readonly handshakeMs: number;
  /** For the headers of an HTTP/1.1 request. */
  readonly headersMs: number;
  /** For a whole HTTP/1.1 request. A stream that takes longer needs HTTP/2. */
  readonly requestMs: number;
  /** That a connection may have nothing to do: no HTTP/1.1 request, no HTTP/2 stream. */
  readonly idleMs: number;
  /** After which an HTTP/2 client is told to connect again; a tenth more or less. 0 is never. */
  readonly maxAgeMs: number;
  /** That the streams of a connection which is too old may go on. */
  readonly ageGraceMs: number;
  /**
   * In which a client has to take something of what is written to it. HTTP/2
   * clients with open streams are pinged that often, and have as long to answer.
   */
  readonly stallMs: number;
  /** For a message of a request from its first byte to its last, and for a request that has only one. */
  readonly messageMs: number;
  /** In which a client has to take what a call has for it: a message, or what is gathered of small ones. */
  readonly unreadMs: number;
  /** How often times are looked at. */
  readonly checkMs: number;
}

/** @see ConnectionLimits */
export const defaultLimits: ConnectionLimits = {
  maxConnections: 10_000,
  maxStreams: 1_000,
  maxHeaderBytes: 16_384,
  firstBytesMs: 10_000,
  handshakeMs: 10_000,
  headersMs: 20_000,
  requestMs: 300_000,
  // Longer than the idle times of usual load balancers, which must not lose the race.
  idleMs: 300_000,
  maxAgeMs: 0,
  ageGraceMs: 300_000,
  // A line of 1 Mbit/s takes half a minute for what the kernel alone may hold.
  stallMs: 60_000,
  // The same line takes as long for the largest message.
  messageMs: 60_000,
  unreadMs: 120_000,
  checkMs: 5_000,
};

/**
 * What no operator needs to tune: far above what honest clients do, and low
 * enough that one who tries it is gone in a moment.
 */
export const http2Bounds = {
  /**
   * Streams that a client may cancel at once, and on average each second from
   * then on. A gateway cancels what its own clients cancel, all on one connection.
   */
  streamResetBurst: 1_000,
  streamResetRate: 100,
  /**
   * MiB that a connection may hold in Node.js before it gets no new streams. A
   * thousand streams with their headers take less than half of it.
   */
  maxSessionMemory: 32,
  /** Entries of one SETTINGS frame; HTTP/2 and its extensions know fewer than ten. */
  maxSettings: 32,
  /** Header fields of a request. */
  maxHeaderListPairs: 256,
} as const;

/** What frames besides those of streams may cost. */
export const controlBounds = {
  /** So many pings and settings that come within `withinMs`, while nothing else happens, are a flood. */
  frames: 1_000,
  withinMs: 10_000,
  /** Bytes written for each such frame that show that something else does happen. */
  bytesForFrame: 256,
  /**
   * Bytes received between two checks, without any stream, that are one too. The
   * rest of a request that was refused may still come: a window of 64 KiB or some.
   */
  bytesWithoutStreams: 1_048_576,
} as const;
