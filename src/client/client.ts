import type { Interceptor, Transport } from "@connectrpc/connect";
import { createIngest, type Ingest } from "./ingest.ts";
import type { IngestOptions } from "./ingest-options.ts";
import { requestIds } from "./request-id.ts";
import { retries, type RetryOptions } from "./retry.ts";
import { createServiceClients, type ServiceClients } from "./services.ts";
import { connectTo, type Connection, type HttpVersion, type Protocol } from "./transport.ts";
import { intercepted, timeLimited } from "./wrap.ts";

/** What {@link createMarqueeClient} takes; all of it has defaults. */
export interface MarqueeClientOptions {
  /** Where the server is, with a path if it is behind one. Default: http://localhost:8080. */
  readonly url?: string;
  /** What is spoken to it. Default: "grpc". */
  readonly protocol?: Protocol;
  /** Over which HTTP. Default: "2", in cleartext for http: URLs; "grpc" needs it. */
  readonly httpVersion?: HttpVersion;
  /**
   * The deadline of a unary call that sets none, in milliseconds, its retries
   * included; 0 is none. Default: 30,000. Streams have none unless a call sets it.
   */
  readonly timeoutMs?: number;
  /** Whether and how calls are made again that may be. Default: up to 5 attempts. */
  readonly retry?: RetryOptions | false;
  /** The x-request-id of calls that have none by themselves. Default: the server makes one. */
  readonly requestId?: string;
  /** Interceptors of yours, the first outermost. They see a call once, not each attempt. */
  readonly interceptors?: readonly Interceptor[];
  /**
   * A transport of yours, for use within a process (`createRouterTransport`) or
   * in a browser. `url`, `protocol` and `httpVersion` do not matter then, and
   * `close` leaves it open.
   */
  readonly transport?: Transport;
}

/** The clients of one server, over one connection. */
export interface MarqueeClient extends ServiceClients, Disposable {
  /** What the clients use, for clients of other services of the same server. */
  readonly transport: Transport;
  /**
   * Sends any number of views over streams of IngestViews, with batches,
   * acknowledgements and new connections as needed.
   *
   * @throws TypeError over HTTP/1.1, RangeError for an option out of its bounds.
   */
  ingest(options?: IngestOptions): Ingest;
  /** Ends the connection; running calls fail as canceled. A later call makes a new one. */
  close(): void;
}

/**
 * Makes typed clients for a Marquee server. Nothing is connected before the
 * first call.
 *
 * ```ts
 * using marquee = createMarqueeClient({ url: "http://localhost:8080" });
 * await marquee.analytics.logView({ videoName: "big-buck-bunny", viewerId: "ann" });
 * const { recommendations } = await marquee.recommendations.recommend({ userId: "ann" });
 * ```
 *
 * @throws TypeError if the URL is none, or gRPC is asked for over HTTP/1.1.
 */
export function createMarqueeClient(options: MarqueeClientOptions = {}): MarqueeClient {
  let closes = 0;
  const interceptors = [
    ...(options.interceptors ?? []),
    requestIds(options.requestId),
    ...(options.retry === false ? [] : [retries(options.retry, () => closes)]),
  ];
  const connection = connect(options, interceptors);
  const transport = timeLimited(connection.transport, options.timeoutMs ?? 30_000);
  const close = (): void => {
    closes++;
    connection.close();
  };
  const clients = createServiceClients(transport);
  const ingest = (ingestOptions?: IngestOptions): Ingest => {
    if (options.transport === undefined && options.httpVersion === "1.1") {
      throw new TypeError("IngestViews streams both ways at once, which needs HTTP/2");
    }
    const closesBefore = closes;
    return createIngest(clients.analytics, ingestOptions, () => closes !== closesBefore);
  };
  return { ...clients, transport, ingest, close, [Symbol.dispose]: close };
}

function connect(options: MarqueeClientOptions, interceptors: Interceptor[]): Connection {
  if (options.transport !== undefined) {
    return { transport: intercepted(options.transport, interceptors), close() {} };
  }
  const { url = "http://localhost:8080", protocol = "grpc", httpVersion = "2" } = options;
  return connectTo(url, protocol, httpVersion, interceptors);
}
