import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { startApp } from "../../../src/app.ts";
import { createMarqueeClient, type MarqueeClient } from "../../../src/client/client.ts";
import { readConfig } from "../../../src/config.ts";

/** A server with the sample data in it. */
export interface SampleServer {
  readonly url: string;
  readonly client: MarqueeClient;
  close(): Promise<void>;
}

/** Starts a real server on a free port, and loads the sample data as a page does. */
export async function startSampleServer(): Promise<SampleServer> {
  const dataDir = await mkdtemp(join(tmpdir(), "marquee-sample-"));
  const config = readConfig({
    MARQUEE_PORT: "0",
    MARQUEE_LOG_LEVEL: "error",
    MARQUEE_TRAIN_INTERVAL_MS: "0",
    MARQUEE_DATA_DIR: dataDir,
  });
  const app = await startApp(config, {
    logger: pino({ level: config.logLevel }, pino.destination(2)),
    onFatal: (error) => {
      throw error;
    },
  });
  const url = app.urls[0] as string;
  const client = createMarqueeClient({ url });
  await app.ready;
  for await (const _ of client.sample.loadSample({}));
  return {
    url,
    client,
    async close() {
      client.close();
      await app.close();
      await rm(dataDir, { recursive: true });
    },
  };
}
