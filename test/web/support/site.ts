import { createServer, type Server } from "node:http";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { build } from "vite";

const source = new URL("../page/", import.meta.url).pathname;
const types: Readonly<Record<string, string>> = { ".html": "text/html", ".js": "text/javascript" };

/** A web site of one page, which is not on the server's origin. */
export interface Site {
  readonly port: number;
  close(): Promise<void>;
}

/** Bundles the page as sites do, and serves it. */
export async function startSite(): Promise<Site> {
  const directory = await mkdtemp(join(tmpdir(), "marquee-site-"));
  await build({
    configFile: false,
    root: source,
    logLevel: "warn",
    build: { outDir: directory, emptyOutDir: true },
  });
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://site").pathname;
    const file = path === "/" ? "index.html" : path.slice(1);
    readFile(join(directory, file)).then(
      (content) => response.setHeader("content-type", types[extname(file)] ?? "").end(content),
      () => response.writeHead(404).end(),
    );
  });
  // Both of its names reach it: each is an origin of its own.
  server.listen(0);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      await closed(server);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function closed(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, "close");
}
