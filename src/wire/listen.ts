import { createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** How often a free port that only one address family has is given up for another. */
const freePortAttempts = 20;

/** What says that a host lacks an address, or its whole family. */
const missingAddress = new Set(["EADDRNOTAVAIL", "EAFNOSUPPORT", "EPROTONOSUPPORT"]);

/** Time after which TCP asks whether a silent peer still lives, in milliseconds. */
const keepAliveMs = 60_000;

/**
 * Listens on a port of a host. "localhost" is both of its address families, on
 * one and the same port, or the one that there is.
 *
 * @param port 0 picks a free one.
 * @param scheme of the URL that is returned.
 * @throws Error in one line that names host and port.
 */
export async function listenOn(
  host: string,
  port: number,
  accept: (socket: Socket) => void,
  scheme: "http" | "https" = "http",
): Promise<{ readonly url: string; readonly listeners: readonly Server[] }> {
  const addresses = host === "localhost" ? ["127.0.0.1", "::1"] : [host];
  const listeners = await listenOnAll(addresses, port, accept).catch((error: unknown) => {
    throw new Error(`cannot listen on ${authority(host, port)}: ${inWords(error)}`, {
      cause: error,
    });
  });
  return { url: `${scheme}://${authority(host, portOf(listeners[0]))}`, listeners };
}

/** Listens on those of the addresses that this host has, all with one port. */
export async function listenOnAll(
  addresses: readonly string[],
  port: number,
  accept: (socket: Socket) => void,
): Promise<readonly Server[]> {
  for (let attempt = 1; ; attempt++) {
    const listeners: Server[] = [];
    let missing: unknown;
    try {
      for (const address of addresses) {
        const chosen = listeners.length === 0 ? port : portOf(listeners[0]);
        try {
          listeners.push(await listenOnOne(address, chosen, accept));
        } catch (error) {
          if (!missingAddress.has(errorCode(error))) throw error;
          missing = error;
        }
      }
      if (listeners.length === 0) throw missing;
      return listeners;
    } catch (error) {
      for (const listener of listeners) listener.close();
      const mayRetry = port === 0 && errorCode(error) === "EADDRINUSE";
      if (!mayRetry || attempt === freePortAttempts) throw error;
    }
  }
}

function listenOnOne(
  host: string,
  port: number,
  accept: (socket: Socket) => void,
): Promise<Server> {
  const server = createServer(
    { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveMs },
    accept,
  );
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, ipv6Only: host === "::1" }, () => {
      server.off("error", reject);
      resolve(server);
    });
  });
}

function portOf(listener: Server | undefined): number {
  const address = listener?.address() as AddressInfo | null | undefined;
  return address?.port ?? 0;
}

function authority(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function errorCode(error: unknown): string {
  return (error as NodeJS.ErrnoException | undefined)?.code ?? "";
}

function inWords(error: unknown): string {
  switch (errorCode(error)) {
    case "EADDRINUSE":
      return "the port is in use";
    case "EACCES":
      return "no permission to use the port";
    case "EADDRNOTAVAIL":
      return "this machine does not have the address";
    case "ENOTFOUND":
      return "the host is unknown";
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
