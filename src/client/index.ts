/** The public client: everything that its users import. */
export { createMarqueeClient, type MarqueeClient, type MarqueeClientOptions } from "./client.ts";
export { explainError, type Explanation, type Violation } from "./explain.ts";
export type { RetryOptions } from "./retry.ts";
export { createServiceClients, services, type ServiceClients } from "./services.ts";
export type { HttpVersion, Protocol } from "./transport.ts";
