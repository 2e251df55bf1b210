import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A proxy between a client and a server that breaks connections. */
export interface CuttingProxy {
  readonly url: string;
  /** How many connections it has broken. */
  readonly cuts: number;
  /** How many bytes the client has sent through it. */
  readonly bytes: number;
  /** Breaks no more. */
  calm(): void;
}

/** Random numbers from 0 to 1 that are the same each time. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * Starts a proxy that breaks each connection after a random number of bytes, of
 * either direction: with a reset or without, at once or with what is on its way.
 *
 * @param target tells where to connect to, each time.
 */
export async function startCuttingProxy(
  target: () => number,
  { seed, meanBytes }: { readonly seed: number; readonly meanBytes: number },
): Promise<CuttingProxy> {
  const random = seeded(seed);
  const sockets = new Set<Socket>();
  let cuts = 0;
  let bytes = 0;
  let isCalm = false;
  const server = createServer((near) => {
    const far = connect(target(), "127.0.0.1");
    let left = -Math.log(1 - random()) * meanBytes;
    const cut = (): void => {
      cuts++;
      const isReset = random() < 0.5;
      for (const socket of [near, far]) {
        if (isReset) socket.resetAndDestroy();
        else socket.destroy();
      }
    };
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("close", () => sockets.delete(from));
      from.on("error", () => {});
      from.on("close", () => to.destroy());
      from.on("data", (chunk) => {
        if (from === near) bytes += chunk.length;
        left -= chunk.length;
        if (left > 0 || isCalm) {
          if (!to.write(chunk)) from.pause();
        } else cut();
      });
      from.on("drain", () => to.resume());
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get cuts() {
      return cuts;
    },
    get bytes() {
      return bytes;
    },
    calm: () => (isCalm = true),
  };
}
