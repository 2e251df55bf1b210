import { isIP } from "node:net";
import { z } from "zod";

/**
 * Every setting of the server: its environment variable, type, default and
 * meaning, in this one table. The help text and the README print it.
 */

const DAY_MS = 86_400_000;

interface Setting<T> {
  readonly schema: z.ZodType<T>;
  /** As one would write it in the environment. */
  readonly default: string;
  readonly meaning: string;
}

function wholeNumber(min: number, max: number): z.ZodType<number> {
  const range = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d+$/, range)
    .transform(Number)
    .refine((value) => value >= min && value <= max, range);
}

const ports: z.ZodType<readonly number[]> = z
  .string()
  .transform((value) => value.split(",").map((port) => port.trim()))
  .refine(
    (list) => list.every((port) => /^\d{1,5}$/.test(port) && Number(port) <= 65_535),
    "must be a port from 0 to 65535, or several with commas between them",
  )
  .transform((list) => list.map(Number))
  .refine((list) => new Set(list).size === list.length || list.every((port) => port === 0), {
    message: "must not name a port twice",
  });

const flag: z.ZodType<boolean> = z
  .enum(["true", "false"], { error: "must be true or false" })
  .transform((value) => value === "true");

/** A list with commas between its elements; "none" is an empty one. */
function listOf(
  isElement: (element: string) => boolean,
  what: string,
): z.ZodType<readonly string[]> {
  return z
    .string()
    .transform((value) => (value === "none" ? [] : value.split(",").map((one) => one.trim())))
    .refine((elements) => elements.every(isElement), `must be ${what}, or none`);
}

const origins = listOf(
  (origin) => origin === "*" || origin === "localhost" || /^https?:\/\/[^/\s]+$/.test(origin),
  "origins such as https://example.org with commas between them, localhost, *",
);

const proxies = listOf((proxy) => {
  if (["loopback", "linklocal", "uniquelocal"].includes(proxy)) return true;
  const [address = "", prefix, ...rest] = proxy.split("/");
  const bits = isIP(address) === 6 ? 128 : 32;
  const isPrefix = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits);
  return isIP(address) !== 0 && isPrefix && rest.length === 0;
}, "addresses or ranges such as 10.0.0.0/8 with commas between them, loopback, linklocal, uniquelocal");

/** The name of an HTTP header in lower case; "" for none. */
const header: z.ZodType<string> = z
  .string()
  .regex(/^[\w!#$%&'*+.^`|~-]+$/, "must be the name of a header, or none")
  .transform((name) => (name === "none" ? "" : name.toLowerCase()));

/** Where a server is; "" for none. */
const serverUrl: z.ZodType<string> = z
  .string()
  .refine(
    (url) => url === "none" || ["http:", "https:"].includes(URL.parse(url)?.protocol ?? ""),
    "must be a URL that begins with http:// or https://, or none",
  )
  .transform((url) => (url === "none" ? "" : url));

/** The path of a file; "" for none. */
const file: z.ZodType<string> = z.string().transform((path) => (path === "none" ? "" : path));

function setting<T>(schema: z.ZodType<T>, fallback: string, meaning: string): Setting<T> {
  return { schema, default: fallback, meaning };
}

export const settings = {
  MARQUEE_PORT: setting(ports, "8080", "port to listen on, or several: 8080,50051"),
  MARQUEE_HOST: setting(
    z.string().min(1, "must not be empty"),
    "localhost",
    "address to listen on; localhost is both of its address families",
  ),
  MARQUEE_TLS_CERT: setting(
    file,
    "none",
    "PEM file of the certificate and those between it and its root; with it, TLS is all that is spoken",
  ),
  MARQUEE_TLS_KEY: setting(file, "none", "PEM file of the certificate's private key"),
  MARQUEE_TLS_CLIENT_CA: setting(
    file,
    "none",
    "PEM file of authorities; with it, clients need a certificate that one of them signed",
  ),
  MARQUEE_DATA_DIR: setting(
    z.string().min(1, "must not be empty"),
    "./data",
    "directory of all data; one process at a time uses it",
  ),
  MARQUEE_LOG_LEVEL: setting(
    z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"], {
      error: "must be fatal, error, warn, info, debug, trace or silent",
    }),
    "info",
    "what is logged: calls are logged at info",
  ),
  MARQUEE_MAX_MESSAGE_BYTES: setting(
    wholeNumber(1_024, 1_073_741_824),
    String(4 * 1_048_576),
    "largest request message, in bytes, after decompression",
  ),
  MARQUEE_DEADLINE_MS: setting(
    wholeNumber(1, DAY_MS),
    "30000",
    "deadline of a unary call whose client sets none",
  ),
  MARQUEE_MAX_LAG_MS: setting(
    wholeNumber(0, 60_000),
    "500",
    "how far it may be behind before calls are told to come again; 0 serves them all",
  ),
  MARQUEE_DRAIN_MS: setting(
    wholeNumber(0, 600_000),
    "10000",
    "how long a stopping server waits for running calls",
  ),
  MARQUEE_MAX_CONNECTIONS: setting(
    wholeNumber(1, 1_000_000),
    "10000",
    "connections at a time; fewer where the limit of open files is lower",
  ),
  MARQUEE_MAX_STREAMS: setting(
    wholeNumber(1, 1_000_000),
    "1000",
    "calls at a time on one HTTP/2 connection",
  ),
  MARQUEE_MAX_HEADER_BYTES: setting(
    wholeNumber(1_024, 1_048_576),
    "16384",
    "largest headers of a request, all together, in bytes",
  ),
  MARQUEE_IDLE_MS: setting(
    wholeNumber(1_000, DAY_MS),
    "300000",
    "how long a connection may be open without a call",
  ),
  MARQUEE_MAX_CONNECTION_AGE_MS: setting(
    wholeNumber(0, 30 * DAY_MS),
    "0",
    "age at which an HTTP/2 client is told to connect again, which a balancer may need; 0 is never",
  ),
  MARQUEE_ALLOW_UNKNOWN_FIELDS: setting(
    flag,
    "false",
    "whether JSON requests may have fields that the contract does not",
  ),
  MARQUEE_CORS_ORIGINS: setting(
    origins,
    "localhost",
    "whose pages may call: origins, localhost for all of this machine, * for all, none",
  ),
  MARQUEE_TRUSTED_PROXIES: setting(
    proxies,
    "none",
    "addresses or ranges of proxies that are believed in x-forwarded-for",
  ),
  MARQUEE_COUNTRY_HEADER: setting(
    header,
    "none",
    "header that has the country of a view which names none, such as cf-ipcountry",
  ),
  MARQUEE_DEVICE_HEADER: setting(
    header,
    "none",
    "header that has the device of a view which names none",
  ),
  MARQUEE_BOTS: setting(
    z.enum(["count", "apart"], { error: "must be count or apart" }),
    "count",
    "what becomes of views by known bots: count them as any other, or apart, as bot views only",
  ),
  MARQUEE_RETENTION_DAYS: setting(
    wholeNumber(0, 36_500),
    "0",
    "age in days at which views are removed, within an hour or so; 0 keeps them for ever",
  ),
  MARQUEE_COLUMNS_MEMORY_MB: setting(
    wholeNumber(64, 1_048_576),
    "1024",
    "memory for analytical queries, in MiB",
  ),
  MARQUEE_TRAIN_INTERVAL_MS: setting(
    wholeNumber(0, 7 * DAY_MS),
    "30000",
    "least time between two trainings that the server starts by itself; 0 never trains by itself",
  ),
  MARQUEE_RECOMMENDATIONS_URL: setting(
    serverUrl,
    "none",
    "another Marquee server, which storefront and tutorial contracts ask for recommendations over gRPC",
  ),
} satisfies Record<string, Setting<unknown>>;

type Settings = typeof settings;
type Value<S> = S extends Setting<infer T> ? T : never;

/** The configuration of a server; frozen. */
export interface Config {
  readonly ports: readonly number[];
  readonly host: string;
  /** "" for none. */
  readonly tlsCert: string;
  /** "" for none. */
  readonly tlsKey: string;
  /** "" for none. */
  readonly tlsClientCa: string;
  readonly dataDir: string;
  readonly logLevel: Value<Settings["MARQUEE_LOG_LEVEL"]>;
  readonly maxMessageBytes: number;
  readonly deadlineMs: number;
  /** 0 for no limit. */
  readonly maxLagMs: number;
  readonly drainMs: number;
  readonly maxConnections: number;
  readonly maxStreams: number;
  readonly maxHeaderBytes: number;
  readonly idleMs: number;
  /** 0 for none. */
  readonly maxConnectionAgeMs: number;
  readonly allowUnknownFields: boolean;
  readonly corsOrigins: readonly string[];
  readonly trustedProxies: readonly string[];
  /** In lower case; "" for none. */
  readonly countryHeader: string;
  /** In lower case; "" for none. */
  readonly deviceHeader: string;
  /** Whether views by known bots are counted apart. */
  readonly countBotsApart: boolean;
  /** 0 for no limit. */
  readonly retentionDays: number;
  readonly columnsMemoryMb: number;
  readonly trainIntervalMs: number;
  /** "" for this one. */
  readonly recommendationsUrl: string;
}

/** Says all that is wrong with the settings, one line for each. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/**
 * Reads the configuration from environment variables. An empty variable is as
 * good as none.
 *
 * @throws ConfigError naming every wrong setting.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = [];
  const read = <T>(name: string, { schema, default: fallback }: Setting<T>): T => {
    const result = schema.safeParse(env[name] || fallback);
    if (result.success) return result.data;
    problems.push(`${name} ${result.error.issues[0]?.message}, not ${JSON.stringify(env[name])}`);
    return undefined as T;
  };
  const config: Config = {
    ports: read("MARQUEE_PORT", settings.MARQUEE_PORT),
    host: read("MARQUEE_HOST", settings.MARQUEE_HOST),
    tlsCert: read("MARQUEE_TLS_CERT", settings.MARQUEE_TLS_CERT),
    tlsKey: read("MARQUEE_TLS_KEY", settings.MARQUEE_TLS_KEY),
    tlsClientCa: read("MARQUEE_TLS_CLIENT_CA", settings.MARQUEE_TLS_CLIENT_CA),
    dataDir: read("MARQUEE_DATA_DIR", settings.MARQUEE_DATA_DIR),
    logLevel: read("MARQUEE_LOG_LEVEL", settings.MARQUEE_LOG_LEVEL),
    maxMessageBytes: read("MARQUEE_MAX_MESSAGE_BYTES", settings.MARQUEE_MAX_MESSAGE_BYTES),
    deadlineMs: read("MARQUEE_DEADLINE_MS", settings.MARQUEE_DEADLINE_MS),
    maxLagMs: read("MARQUEE_MAX_LAG_MS", settings.MARQUEE_MAX_LAG_MS),
    drainMs: read("MARQUEE_DRAIN_MS", settings.MARQUEE_DRAIN_MS),
    maxConnections: read("MARQUEE_MAX_CONNECTIONS", settings.MARQUEE_MAX_CONNECTIONS),
    maxStreams: read("MARQUEE_MAX_STREAMS", settings.MARQUEE_MAX_STREAMS),
    maxHeaderBytes: read("MARQUEE_MAX_HEADER_BYTES", settings.MARQUEE_MAX_HEADER_BYTES),
    idleMs: read("MARQUEE_IDLE_MS", settings.MARQUEE_IDLE_MS),
    maxConnectionAgeMs: read(
      "MARQUEE_MAX_CONNECTION_AGE_MS",
      settings.MARQUEE_MAX_CONNECTION_AGE_MS,
    ),
    allowUnknownFields: read("MARQUEE_ALLOW_UNKNOWN_FIELDS", settings.MARQUEE_ALLOW_UNKNOWN_FIELDS),
    corsOrigins: read("MARQUEE_CORS_ORIGINS", settings.MARQUEE_CORS_ORIGINS),
    trustedProxies: read("MARQUEE_TRUSTED_PROXIES", settings.MARQUEE_TRUSTED_PROXIES),
    countryHeader: read("MARQUEE_COUNTRY_HEADER", settings.MARQUEE_COUNTRY_HEADER),
    deviceHeader: read("MARQUEE_DEVICE_HEADER", settings.MARQUEE_DEVICE_HEADER),
    countBotsApart: read("MARQUEE_BOTS", settings.MARQUEE_BOTS) === "apart",
    retentionDays: read("MARQUEE_RETENTION_DAYS", settings.MARQUEE_RETENTION_DAYS),
    columnsMemoryMb: read("MARQUEE_COLUMNS_MEMORY_MB", settings.MARQUEE_COLUMNS_MEMORY_MB),
    trainIntervalMs: read("MARQUEE_TRAIN_INTERVAL_MS", settings.MARQUEE_TRAIN_INTERVAL_MS),
    recommendationsUrl: read("MARQUEE_RECOMMENDATIONS_URL", settings.MARQUEE_RECOMMENDATIONS_URL),
  };
  const { tlsCert, tlsKey, tlsClientCa } = config;
  if ((tlsCert === "") !== (tlsKey === "")) {
    problems.push("MARQUEE_TLS_CERT and MARQUEE_TLS_KEY must be set both or neither");
  } else if (tlsClientCa !== "" && tlsCert === "") {
    problems.push("MARQUEE_TLS_CLIENT_CA must not be set without MARQUEE_TLS_CERT");
  }
  if (problems.length > 0) throw new ConfigError(problems.join("\n"));
  return Object.freeze(config);
}

/** Variables of the same prefix that the commands other than serve read. */
const clientVariables = new Set(["MARQUEE_URL"]);

/**
 * The variables that look like settings and are none: perhaps misspelt. They
 * are no error, because Kubernetes sets such variables for a service of that
 * name.
 */
export function unknownVariables(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.keys(env).filter(
    (name) => name.startsWith("MARQUEE_") && !(name in settings) && !clientVariables.has(name),
  );
}
