import { mkdir, rename, symlink, writeFile, unlink } from "node:fs/promises";
import { once } from "node:events";
import { join } from "node:path";
import { connect } from "node:tls";
import { X509Certificate } from "node:crypto";
import { expect, onTestFinished, test, vi } from "vitest";
import { createWireServer } from "../../src/wire/server.ts";
import { run } from "../support/run.ts";
import { spawnServer } from "../support/process.ts";
import { temporaryDirectory } from "../support/directory.ts";
import { authority, type Identity, renewed, server } from "./support/pki.ts";
import { startWire, testOptions } from "./support/server.ts";

const serverSerial = serialOf(server);
const renewedSerial = serialOf(renewed);

function serialOf({ cert }: Identity): string {
  return new X509Certificate(cert).serialNumber;
}

/** The serial number of the certificate that a server shows now. */
async function shown(port: number): Promise<string> {
  const socket = connect({ port, host: "localhost", ca: authority });
  onTestFinished(() => void socket.destroy());
  await once(socket, "secureConnect");
  const { serialNumber } = socket.getPeerCertificate();
  socket.destroy();
  return serialNumber;
}

async function store(directory: string, { cert, key }: Identity): Promise<void> {
  await writeFile(join(directory, "tls.crt"), cert);
  await writeFile(join(directory, "tls.key"), key);
}

function optionsOf(directory: string) {
  return {
    cert: { file: join(directory, "tls.crt"), setting: "MARQUEE_TLS_CERT" },
    key: { file: join(directory, "tls.key"), setting: "MARQUEE_TLS_KEY" },
  };
}

function settingsOf(directory: string) {
  return {
    MARQUEE_TLS_CERT: join(directory, "tls.crt"),
    MARQUEE_TLS_KEY: join(directory, "tls.key"),
  };
}

test("should use files that were overwritten", async () => {
  const directory = await temporaryDirectory();
  await store(directory, server);
  const { port } = await startWire({}, { tls: optionsOf(directory) });
  expect(await shown(port)).toBe(serverSerial);

  await store(directory, renewed);

  await expect.poll(() => shown(port)).toBe(renewedSerial);
});

test("should use files that were replaced as Kubernetes does", async () => {
  const directory = await temporaryDirectory();
  const version = async (name: string, identity: Identity): Promise<void> => {
    await mkdir(join(directory, name));
    await store(join(directory, name), identity);
    await symlink(name, join(directory, "..data_tmp"));
    await rename(join(directory, "..data_tmp"), join(directory, "..data"));
  };
  await version("..1", server);
  for (const name of ["tls.crt", "tls.key"]) {
    await symlink(join("..data", name), join(directory, name));
  }
  const { port } = await startWire({}, { tls: optionsOf(directory) });

  await version("..2", renewed);

  await expect.poll(() => shown(port)).toBe(renewedSerial);
});

test("should keep the old pair as long as the new one is broken, and say so once", async () => {
  const directory = await temporaryDirectory();
  await store(directory, server);
  const { port, lines } = await startWire({}, { tls: optionsOf(directory) });

  await writeFile(join(directory, "tls.crt"), renewed.cert);
  await vi.waitFor(
    () =>
      expect(lines.map(({ msg }) => msg)).toContain(
        "the new certificate cannot be used: the old one stays",
      ),
    { timeout: 20_000 },
  );

  expect(await shown(port)).toBe(serverSerial);
  const [line, ...more] = lines.filter(({ msg }) => msg?.startsWith("the new certificate"));
  expect(more).toEqual([]);
  expect(line).toMatchObject({
    level: 40,
    reason: expect.stringContaining(
      `MARQUEE_TLS_KEY=${join(directory, "tls.key")}: this is not the key`,
    ),
  });
  await writeFile(join(directory, "tls.key"), renewed.key);
  await expect.poll(() => shown(port)).toBe(renewedSerial);
});

test("should keep a connection that has the old certificate", async () => {
  const directory = await temporaryDirectory();
  await store(directory, server);
  const { port } = await startWire({}, { tls: optionsOf(directory) });
  const socket = connect({ port, host: "localhost", ca: authority });
  onTestFinished(() => void socket.destroy());
  await once(socket, "secureConnect");
  await store(directory, renewed);
  await expect.poll(() => shown(port)).toBe(renewedSerial);

  socket.write("GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n");

  const [answer] = await once(socket, "data");
  expect(String(answer)).toContain("200 OK");
});

test("should name the setting and the file that is missing", async () => {
  const directory = await temporaryDirectory();
  await store(directory, server);
  await unlink(join(directory, "tls.key"));

  const started = createWireServer({ ...testOptions([]), tls: optionsOf(directory) });

  await expect(started).rejects.toThrow(
    new Error(`MARQUEE_TLS_KEY=${join(directory, "tls.key")}: there is no such file`),
  );
});

test("should end the start with one line when the pair is wrong", async () => {
  const directory = await temporaryDirectory();
  await store(directory, { cert: server.cert, key: renewed.key });
  const { MARQUEE_TLS_CERT, MARQUEE_TLS_KEY } = settingsOf(directory);

  const { code, stderr } = await run(
    "env",
    `MARQUEE_DATA_DIR=${join(directory, "data")}`,
    "MARQUEE_PORT=0",
    `MARQUEE_TLS_CERT=${MARQUEE_TLS_CERT}`,
    `MARQUEE_TLS_KEY=${MARQUEE_TLS_KEY}`,
    process.execPath,
    "src/bin.js",
    "serve",
  );

  expect(code).toBe(1);
  expect(stderr).toBe(
    `marquee: MARQUEE_TLS_KEY=${MARQUEE_TLS_KEY}: this is not the key of MARQUEE_TLS_CERT=${MARQUEE_TLS_CERT}\n`,
  );
});

test("should read the files again on SIGHUP, and go on when they are broken", async () => {
  const directory = await temporaryDirectory();
  await store(directory, server);
  const { child, url, lines } = await spawnServer({
    MARQUEE_DATA_DIR: join(directory, "data"),
    ...settingsOf(directory),
  });
  expect(url).toMatch(/^https:/);
  const port = Number(new URL(url).port);

  await store(directory, renewed);
  child.kill("SIGHUP");
  await expect.poll(() => shown(port)).toBe(renewedSerial);

  await unlink(join(directory, "tls.key"));
  child.kill("SIGHUP");
  await vi.waitFor(
    () =>
      expect(lines).toContainEqual(
        expect.objectContaining({ reason: expect.stringContaining("there is no such file") }),
      ),
    { timeout: 20_000 },
  );
  expect(await shown(port)).toBe(renewedSerial);
});
