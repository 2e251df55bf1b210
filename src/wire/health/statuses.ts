import { HealthCheckResponse_ServingStatus as ServingStatus } from "../../../gen/grpc/health/v1/health_pb.js";

/** The status of the server, whose name is empty, and of each service. */
export interface Statuses {
  /** How many watch. */
  readonly watchers: number;
  /** The status of a service; undefined for an unknown one. */
  of(service: string): ServingStatus | undefined;
  /** Every status there is, with the name of its service. */
  all(): Iterable<readonly [string, ServingStatus]>;
  /** Names the services that have the status of the server unless they have their own. */
  follow(services: () => ReadonlySet<string>): void;
  /** Sets the status of the server. */
  setServing(serving: boolean): void;
  /** Gives a service a status of its own. */
  set(service: string, status: ServingStatus): void;
  /**
   * The status of a service now, and every other one that it gets later. Who
   * takes them more slowly than they change misses some, but never the last:
   * nothing is queued. Ends when the signal is aborted, or with `shutDown`.
   */
  watch(service: string, signal: AbortSignal): AsyncIterable<ServingStatus | undefined>;
  /**
   * Everything is NOT_SERVING from now on, and watching ends with that. Resolves
   * when nobody watches any more.
   */
  shutDown(): Promise<void>;
}

/** @see Statuses */
export function createStatuses(): Statuses {
  let server: ServingStatus = ServingStatus.NOT_SERVING;
  let followers: (() => ReadonlySet<string>) | undefined;
  let isDown = false;
  const own = new Map<string, ServingStatus>();
  /** One function for each watcher, which wakes it if it waits. */
  const wakes = new Set<() => void>();
  const waitingForNone: (() => void)[] = [];

  function of(service: string): ServingStatus | undefined {
    const isKnown = service === "" || own.has(service) || followers?.().has(service);
    if (isKnown !== true) return undefined;
    return isDown ? ServingStatus.NOT_SERVING : (own.get(service) ?? server);
  }

  function changed(): void {
    for (const wake of wakes) wake();
  }

  async function* watch(
    service: string,
    signal: AbortSignal,
  ): AsyncGenerator<ServingStatus | undefined> {
    let resume: (() => void) | undefined;
    const wake = (): void => resume?.();
    let last: { readonly status: ServingStatus | undefined } | undefined;
    wakes.add(wake);
    signal.addEventListener("abort", wake);
    try {
      while (!signal.aborted) {
        const status = of(service);
        if (last === undefined || last.status !== status) {
          last = { status };
          yield status;
        } else if (isDown) {
          return;
        } else {
          await new Promise<void>((resolve) => (resume = resolve));
        }
      }
    } finally {
      signal.removeEventListener("abort", wake);
      wakes.delete(wake);
      if (wakes.size === 0) for (const resolve of waitingForNone.splice(0)) resolve();
    }
  }

  return {
    get watchers() {
      return wakes.size;
    },
    of,
    *all() {
      for (const name of new Set(["", ...(followers?.() ?? []), ...own.keys()])) {
        yield [name, of(name) ?? server];
      }
    },
    follow(services) {
      followers = services;
    },
    setServing(serving) {
      server = serving ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
      changed();
    },
    set(service, status) {
      own.set(service, status);
      changed();
    },
    watch,
    shutDown() {
      isDown = true;
      changed();
      return new Promise((resolve) => {
        if (wakes.size === 0) resolve();
        else waitingForNone.push(resolve);
      });
    },
  };
}
