import { createBrowserClient } from "../../client/browser.ts";

/** Asks and trains over Connect. */
export const marquee = createBrowserClient();

/**
 * Follows counts over gRPC-Web, and asks what may not be there: over Connect
 * that is a status of HTTP, which browsers tell as a fault in their consoles.
 * Whoever uses it begins again after a failure, with pauses of its own.
 */
export const marqueeOverGrpcWeb = createBrowserClient({ protocol: "grpc-web", retry: false });
