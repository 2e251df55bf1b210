/** The public client: everything that its users import. */
export { createMarqueeClient, type MarqueeClient, type MarqueeClientOptions } from "./client.ts";
export { explainError, type Explanation, type Violation } from "./explain.ts";
export { createIngest, type Ingest, type IngestWait } from "./ingest.ts";
export type { IngestView } from "./ingest-batches.ts";
export type { IngestOptions, RejectedView } from "./ingest-options.ts";
export type { RetryOptions } from "./retry.ts";
export { createServiceClients, services, type ServiceClients } from "./services.ts";
export type { HttpVersion, Protocol } from "./transport.ts";
