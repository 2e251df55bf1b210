import { readFileSync } from "node:fs";

const directory = new URL("pki/", import.meta.url);

/** A certificate and its key, in PEM format. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

function pem(name: string): string {
  return readFileSync(new URL(`${name}.pem`, directory), "utf8");
}

function identity(name: string): Identity {
  return { cert: pem(name), key: pem(`${name}.key`) };
}

/** Signed those of the server, and of the client. */
export const authority: string = pem("authority");
/** For localhost and its addresses. */
export const server: Identity = identity("server");
/** The same with another key. */
export const renewed: Identity = identity("renewed");
export const client: Identity = identity("client");
/** A client whose certificate another authority signed. */
export const intruder: Identity = identity("intruder");
