import { createClient, type Client, type Transport } from "@connectrpc/connect";
import { AdminService } from "../../gen/admin/v1/admin_service_pb.js";
import { AnalyticsService } from "../../gen/analytics/v1/analytics_service_pb.js";
import { CatalogService } from "../../gen/catalog/v1/catalog_service_pb.js";
import { MarketplaceService } from "../../gen/marketplace/v1/marketplace_service_pb.js";
import { ProfileService } from "../../gen/profiles/v1/profile_service_pb.js";
import { Recommendations } from "../../gen/recommendations/v1/recommendations_service_pb.js";
import { SampleService } from "../../gen/sample/v1/sample_service_pb.js";
import { Greeter } from "../../gen/tutorial/greeter_pb.js";

/** The services of a server, by the names that a client has for them. */
export const services = {
  analytics: AnalyticsService,
  recommendations: Recommendations,
  catalog: CatalogService,
  profiles: ProfileService,
  marketplace: MarketplaceService,
  sample: SampleService,
  admin: AdminService,
  greeter: Greeter,
} as const;

/** A typed client for each service. */
export type ServiceClients = {
  readonly [Name in keyof typeof services]: Client<(typeof services)[Name]>;
};

/**
 * The typed clients over a transport that is there already. It imports nothing
 * of Node, so that browser code can use it.
 */
export function createServiceClients(transport: Transport): ServiceClients {
  return {
    analytics: createClient(services.analytics, transport),
    recommendations: createClient(services.recommendations, transport),
    catalog: createClient(services.catalog, transport),
    profiles: createClient(services.profiles, transport),
    marketplace: createClient(services.marketplace, transport),
    sample: createClient(services.sample, transport),
    admin: createClient(services.admin, transport),
    greeter: createClient(services.greeter, transport),
  };
}
