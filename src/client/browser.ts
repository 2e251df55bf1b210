import type { Interceptor } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { retries, type RetryOptions } from "./retry.ts";
import { createServiceClients, type ServiceClients } from "./services.ts";
import { timeLimited } from "./wrap.ts";

/** What {@link createBrowserClient} takes; all of it has defaults. */
export interface BrowserClientOptions {
  /** Where the server is. Default: where the page came from. */
  readonly url?: string;
  /** What is spoken to it. Default: "connect". Neither needs a proxy. */
  readonly protocol?: "connect" | "grpc-web";
  /**
   * The deadline of a unary call that sets none, in milliseconds, its retries
   * included; 0 is none. Default: 30,000. Streams have none unless a call sets it.
   */
  readonly timeoutMs?: number;
  /** Whether and how calls are made again that may be. Default: up to 5 attempts. */
  readonly retry?: RetryOptions | false;
  /** Interceptors of yours, the first outermost. They see a call once, not each attempt. */
  readonly interceptors?: readonly Interceptor[];
}

/**
 * Makes typed clients for pages in a browser. A page of another origin needs
 * that origin in the server's MARQUEE_CORS_ORIGINS. Browsers cannot stream
 * requests: methods that take a stream fail there.
 *
 * ```ts
 * const marquee = createBrowserClient();
 * for await (const { counts } of marquee.analytics.watchViews({})) show(counts);
 * ```
 */
export function createBrowserClient(options: BrowserClientOptions = {}): ServiceClients {
  const { url = location.origin, protocol = "connect", timeoutMs = 30_000, retry } = options;
  const interceptors = [
    ...(options.interceptors ?? []),
    ...(retry === false ? [] : [retries(retry)]),
  ];
  const base = { baseUrl: url, interceptors, useBinaryFormat: true };
  const transport =
    protocol === "connect" ? createConnectTransport(base) : createGrpcWebTransport(base);
  return createServiceClients(timeLimited(transport, timeoutMs));
}
