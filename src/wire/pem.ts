import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";

/** A file in PEM format; read again when it changes. */
interface PemFile {
  readonly file: string;
  /** What the operator knows the file by, such as the name of a setting: errors begin with it. */
  readonly setting: string;
}

/** What is in PEM format: itself, or the file that has it. */
type Pem = string | Buffer | PemFile;

/** With what a server speaks TLS. */
export interface TlsOptions {
  /** The certificate of the server, followed by those between it and its root. */
  readonly cert: Pem;
  /** The private key of the certificate, not encrypted. */
  readonly key: Pem;
  /**
   * The certificates of authorities. If there are any, clients need a
   * certificate that one of them signed. Default: clients need none.
   */
  readonly clientCa?: Pem;
}

/** What was read and fits together. */
export interface Credentials {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly ca?: Buffer;
  /** Of the certificate. */
  readonly subject: string;
  /** When the certificate ends. */
  readonly validTo: Date;
}

/** @throws Error in one line that names the setting and the file that is wrong. */
export function readCredentials({ cert, key, clientCa }: TlsOptions): Credentials {
  const certificate = read(cert, "cert", (pem) => new X509Certificate(pem));
  const privateKey = read(key, "key", (pem) => createPrivateKey(pem));
  if (!certificate.value.checkPrivateKey(privateKey.value)) {
    throw new Error(`${nameOf(key, "key")}: this is not the key of ${nameOf(cert, "cert")}`);
  }
  // What is beyond the first certificate of the chain is looked at by OpenSSL only.
  read(cert, "cert", (pem) => createSecureContext({ cert: pem, key: privateKey.pem }));
  const ca =
    clientCa === undefined
      ? undefined
      : read(clientCa, "clientCa", (pem) => new X509Certificate(pem)).pem;
  return {
    cert: certificate.pem,
    key: privateKey.pem,
    ...(ca !== undefined && { ca }),
    subject: certificate.value.subject.replaceAll("\n", ", "),
    validTo: new Date(certificate.value.validTo),
  };
}

/** The files among the options. */
export function filesOf({ cert, key, clientCa }: TlsOptions): readonly string[] {
  return [cert, key, clientCa].flatMap((pem) => (isFile(pem) ? [pem.file] : []));
}

function read<T>(
  source: Pem,
  option: string,
  parse: (pem: Buffer) => T,
): { readonly pem: Buffer; readonly value: T } {
  try {
    const pem = isFile(source) ? readFileSync(source.file) : Buffer.from(source);
    return { pem, value: parse(pem) };
  } catch (error) {
    throw new Error(`${nameOf(source, option)}: ${inWords(error, option)}`, { cause: error });
  }
}

function nameOf(source: Pem, option: string): string {
  return isFile(source) ? `${source.setting}=${source.file}` : `tls.${option}`;
}

function isFile(source: Pem | undefined): source is PemFile {
  return typeof source === "object" && "file" in source;
}

function inWords(error: unknown, option: string): string {
  const { code = "", message } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return "there is no such file";
  if (code === "EACCES") return "no permission to read it";
  if (code === "EISDIR") return "this is a directory";
  const what = option === "key" ? "a private key without a passphrase" : "a certificate";
  return `this is not ${what} in PEM format (${message.replaceAll("\n", " ")})`;
}
