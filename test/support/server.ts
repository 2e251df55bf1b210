import { pino } from "pino";
import { onTestFinished } from "vitest";
import { startApp, type App } from "../../src/app.ts";
import { createMarqueeClient, type MarqueeClient } from "../../src/client/client.ts";
import { readConfig } from "../../src/config.ts";
import { temporaryDirectory } from "./directory.ts";

export interface TestServer {
  readonly app: App;
  readonly url: string;
  readonly client: MarqueeClient;
  readonly dataDir: string;
}

/** A server that whoever started it stops. */
export interface LaunchedServer extends TestServer {
  close(): Promise<void>;
}

/**
 * Starts a real server on a free port, with an empty data directory unless one
 * is given. It is stopped when the test is over. Settings are environment
 * variables, such as MARQUEE_MAX_MESSAGE_BYTES.
 */
export async function startServer(
  settings: Readonly<Record<string, string>> = {},
): Promise<TestServer> {
  const dataDir = settings["MARQUEE_DATA_DIR"] ?? (await temporaryDirectory());
  const { close, ...server } = await openServer({ ...settings, MARQUEE_DATA_DIR: dataDir });
  onTestFinished(close);
  return server;
}

/** The same for more than one test: whoever opens it closes it. */
export async function openServer(
  settings: Readonly<Record<string, string>> & { readonly MARQUEE_DATA_DIR: string },
): Promise<LaunchedServer> {
  const config = readConfig({
    MARQUEE_PORT: "0",
    MARQUEE_LOG_LEVEL: "error",
    MARQUEE_TRAIN_INTERVAL_MS: "0",
    ...settings,
  });
  const app = await startApp(config, {
    logger: pino({ level: config.logLevel }, pino.destination(2)),
    onFatal: (error) => {
      throw error;
    },
  });
  const url = app.urls[0] as string;
  const client = createMarqueeClient({ url });
  const close = async (): Promise<void> => {
    client.close();
    await app.close();
  };
  try {
    await app.ready;
  } catch (error) {
    await close();
    throw error;
  }
  return { app, url, client, dataDir: settings.MARQUEE_DATA_DIR, close };
}
