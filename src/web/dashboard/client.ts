import { createBrowserClient } from "../../client/browser.ts";

/** Asks and trains over Connect. */
export const marquee = createBrowserClient();

/**
 * Follows counts over gRPC-Web. Whoever follows begins again after a failure,
 * with pauses of its own.
 */
export const marqueeStreams = createBrowserClient({ protocol: "grpc-web", retry: false });
