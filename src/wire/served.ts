import type { DescService } from "@bufbuild/protobuf";
import type { ConnectRouter } from "@connectrpc/connect";

/** The services that are on a router by now, each once, sorted by name. */
export function servedServices(router: ConnectRouter): readonly DescService[] {
  const services = new Map(router.handlers.map(({ service }) => [service.typeName, service]));
  return [...services.values()].toSorted((a, b) => (a.typeName < b.typeName ? -1 : 1));
}

/** A name that a client sent, short enough to be repeated in an error: 256 characters. */
export function shortName(name: string): string {
  return name.length <= maxNameLength ? name : `${name.slice(0, maxNameLength)}…`;
}

const maxNameLength = 256;
