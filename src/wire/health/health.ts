import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import {
  Health as HealthService,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from "../../../gen/grpc/health/v1/health_pb.js";
import { servedServices, shortName } from "../served.ts";
import { createStatuses } from "./statuses.ts";

/**
 * The gRPC health service, grpc.health.v1.Health: whether the server, which has
 * the empty name, and each of its services want calls. NOT_SERVING to begin with.
 */
export interface Health {
  /** How many streams watch a status. */
  readonly watchers: number;
  /**
   * Adds the service to a router. All services of the router have a status then,
   * itself included, no matter which were added first.
   */
  addTo(router: ConnectRouter): void;
  /** Sets the status of the server, and of the services that have none of their own. */
  setServing(serving: boolean): void;
  /** Gives a service a status of its own; also one that is not on the router. */
  set(service: string, status: ServingStatus.SERVING | ServingStatus.NOT_SERVING): void;
  /**
   * For a server that stops: everything is NOT_SERVING for good. Streams that
   * watch are told so, and end. Resolves when all of them have ended; one whose
   * client does not read may take until its client is gone.
   */
  shutDown(): Promise<void>;
}

/** @see Health */
export function createHealth(): Health {
  const statuses = createStatuses();

  function check({ service }: { service: string }): { status: ServingStatus } {
    const status = statuses.of(service);
    if (status === undefined) {
      throw new ConnectError(`there is no service ${shortName(service)}`, Code.NotFound);
    }
    return { status };
  }

  function list(): { statuses: Record<string, { status: ServingStatus }> } {
    const all = [...statuses.all()];
    if (all.length > maxListed) {
      const message = `there are more than ${maxListed} services: ask for each with Check`;
      throw new ConnectError(message, Code.ResourceExhausted);
    }
    return { statuses: Object.fromEntries(all.map(([name, status]) => [name, { status }])) };
  }

  return {
    get watchers() {
      return statuses.watchers;
    },
    addTo(router) {
      let names: ReadonlySet<string> | undefined;
      statuses.follow(
        () => (names ??= new Set(servedServices(router).map(({ typeName }) => typeName))),
      );
      router.service(HealthService, {
        check,
        list,
        watch: ({ service }, { signal }) => watch(service, signal),
      });
    },
    setServing: (serving) => statuses.setServing(serving),
    set: (service, status) => statuses.set(service, status),
    shutDown: () => statuses.shutDown(),
  };

  async function* watch(
    service: string,
    signal: AbortSignal,
  ): AsyncGenerator<{ status: ServingStatus }> {
    // A stream keeps the name for as long as its client likes.
    if (service.length > maxWatchedLength) {
      const message = `service: at most ${maxWatchedLength} characters can be watched`;
      throw new ConnectError(message, Code.InvalidArgument);
    }
    for await (const status of statuses.watch(service, signal)) {
      yield { status: status ?? ServingStatus.SERVICE_UNKNOWN };
    }
  }
}

/** How many statuses one answer of List may have. */
const maxListed = 100;

/** The longest name that can be watched, in UTF-16 code units. */
const maxWatchedLength = 1_000;
