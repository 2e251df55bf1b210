import type { ConnectRouter } from "@connectrpc/connect";
import { Code } from "@connectrpc/connect";
import type { Logger } from "pino";
import { AdminService } from "../gen/admin/v1/admin_service_pb.js";
import { AnalyticsService } from "../gen/analytics/v1/analytics_service_pb.js";
import { CatalogService } from "../gen/catalog/v1/catalog_service_pb.js";
import { MarketplaceService } from "../gen/marketplace/v1/marketplace_service_pb.js";
import { ProfileService } from "../gen/profiles/v1/profile_service_pb.js";
import { Recommendations } from "../gen/recommendations/v1/recommendations_service_pb.js";
import { SampleService } from "../gen/sample/v1/sample_service_pb.js";
import { AnalyticsService as TutorialAnalyticsService } from "../gen/tutorial/analytics_pb.js";
import { Bidirectional } from "../gen/tutorial/bidirectional_pb.js";
import { Greeter } from "../gen/tutorial/greeter_pb.js";
import { ProfileService as TutorialProfileService } from "../gen/tutorial/profile_service_pb.js";
import { Recommendations as TutorialRecommendations } from "../gen/tutorial/recommendations_pb.js";
import { RouteGuide } from "../gen/tutorial/route_guide_pb.js";
import { Unary } from "../gen/tutorial/unary_pb.js";
import { backupHandlers } from "./admin/backup-service.ts";
import { adminRules } from "./admin/rules.ts";
import { adminService } from "./admin/service.ts";
import { tailHandlers } from "./admin/tail-service.ts";
import { analyticsRules } from "./analytics/rules.ts";
import { analyticsService } from "./analytics/service.ts";
import { catalogRules } from "./catalog/rules.ts";
import { catalogService } from "./catalog/service.ts";
import { type MarqueeClient } from "./client/client.ts";
import { marketplaceRules } from "./marketplace/rules.ts";
import { marketplaceService } from "./marketplace/service.ts";
import { profileRules } from "./profiles/rules.ts";
import { profileService } from "./profiles/service.ts";
import { recommendationRules } from "./recommendations/rules.ts";
import { recommendationsService } from "./recommendations/service.ts";
import { RuleBook } from "./rules.ts";
import { sampleRules } from "./sample/rules.ts";
import type { Sample } from "./sample/sample.ts";
import { sampleService } from "./sample/service.ts";
import { tutorialAnalytics } from "./tutorial/analytics.ts";
import { bidirectional } from "./tutorial/bidirectional.ts";
import { greeter } from "./tutorial/greeter.ts";
import { tutorialProfiles } from "./tutorial/profiles.ts";
import { tutorialRecommendations } from "./tutorial/recommendations.ts";
import { routeGuide } from "./tutorial/route-guide.ts";
import { tutorialRules } from "./tutorial/rules.ts";
import { unary } from "./tutorial/unary.ts";
import type { Domains } from "./domains.ts";

/** Where views have their country and device, in lower case; "" for nowhere. */
type ViewHeaders = Parameters<typeof analyticsService>[1];

/** Puts the services on a router that answer from the domains themselves. */
export function addServices(
  router: ConnectRouter,
  domains: Domains,
  viewHeaders: ViewHeaders,
): void {
  const { ingestion, questions, live, exporter, erasure, recommender, outcomes, evaluator } =
    domains;
  router.service(
    AnalyticsService,
    analyticsService({ ingestion, questions, live, exporter, erasure }, viewHeaders),
  );
  router.service(Recommendations, recommendationsService(recommender, { outcomes, evaluator }));
  router.service(
    AdminService,
    adminService({ tail: tailHandlers(domains.tail), backup: backupHandlers(domains.backups) }),
  );
  router.service(CatalogService, catalogService(domains.catalog));
  router.service(
    ProfileService,
    profileService(domains.profiles, (caller, id) => erasure.erase(caller, id)),
  );
}

/** What the services are made of that ask others. */
export interface Front {
  /** The public client of the services above. */
  readonly marquee: MarqueeClient;
  /** The same, but for recommendations, which may be elsewhere. */
  readonly sources: MarqueeClient;
  readonly sample: Sample;
  readonly logger: Logger;
}

/** Puts the services on a router that reach the others through the public client. */
export function addFront(router: ConnectRouter, { marquee, sources, sample, logger }: Front): void {
  router.service(
    MarketplaceService,
    marketplaceService(sources, ({ code, rawMessage }) => {
      logger.warn({ code: Code[code], reason: rawMessage }, "a shelf could not be filled");
    }),
  );
  router.service(SampleService, sampleService(sample));
  router.service(Greeter, greeter);
  router.service(TutorialAnalyticsService, tutorialAnalytics(marquee));
  router.service(TutorialRecommendations, tutorialRecommendations(sources));
  router.service(TutorialProfileService, tutorialProfiles(marquee));
  router.service(Unary, unary);
  router.service(Bidirectional, bidirectional);
  router.service(RouteGuide, routeGuide());
}

/** The bounds of all requests. */
export const rules: RuleBook = new RuleBook([
  adminRules,
  analyticsRules,
  recommendationRules,
  catalogRules,
  profileRules,
  marketplaceRules,
  sampleRules,
  tutorialRules,
]);
