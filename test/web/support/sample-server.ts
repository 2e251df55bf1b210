import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openServer, type LaunchedServer } from "../../support/server.ts";

/** Starts a real server on a free port, and loads the sample data as a page does. */
export async function startSampleServer(): Promise<LaunchedServer> {
  const dataDir = await mkdtemp(join(tmpdir(), "marquee-sample-"));
  const server = await openServer({ MARQUEE_DATA_DIR: dataDir });
  for await (const _ of server.client.sample.loadSample({}));
  return {
    ...server,
    async close() {
      await server.close();
      await rm(dataDir, { recursive: true });
    },
  };
}
