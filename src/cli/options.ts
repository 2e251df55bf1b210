import { InvalidArgumentError, Option } from "commander";
import { parseMoment, parseSeconds } from "./time.ts";

/** The options that every command takes. */
export interface GlobalOptions {
  /** Where the server is. */
  readonly url: string;
  /** Whether stdout gets one JSON document. */
  readonly json?: boolean;
  /** The deadline of a call, in seconds. */
  readonly timeout: number;
}

/** The options that every command takes, for the program. */
export function globalOptions(): Option[] {
  return [
    new Option("--url <url>", "where the server is")
      .env("MARQUEE_URL")
      .default("http://localhost:8080"),
    new Option(
      "--json",
      "write one JSON document to stdout: the answer, with the field names of the API's JSON",
    ),
    new Option("--timeout <seconds>", "how long a call may take, with its retries")
      .default(30)
      .argParser(seconds),
  ];
}

/** Reads a positive whole number, for an option. */
export function positive(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1) {
    throw new InvalidArgumentError("It must be a whole number from 1.");
  }
  // The contract has 32 bits for it; the server says what is too much.
  return Math.min(value, 2_147_483_647);
}

/** Reads a share, for an option: a number from 0 to 1. */
export function share(text: string): number {
  const value = Number(text);
  if (!/^\d*\.?\d+$/.test(text) || value > 1) {
    throw new InvalidArgumentError("It must be a number from 0 to 1, such as 0.3.");
  }
  return value;
}

/** Reads a whole number from 0 that has 32 bits, for an option. */
export function naturalNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 4_294_967_295) {
    throw new InvalidArgumentError("It must be a whole number from 0 to 4294967295.");
  }
  return value;
}

/** Reads a character that separates columns, for an option. */
export function delimiter(text: string): string {
  const char = text === "tab" || text === "\\t" ? "\t" : text;
  if (char.length !== 1 || /["\r\n]/.test(char)) {
    throw new InvalidArgumentError("It must be one character, or tab.");
  }
  return char;
}

/** Reads a number of seconds above 0, for an option. */
function seconds(text: string): number {
  const value = Number(text);
  if (!/^\d*\.?\d+$/.test(text) || value <= 0 || value > 86_400) {
    throw new InvalidArgumentError("It must be a number of seconds above 0 and up to 86400.");
  }
  return value;
}

/** Reads a number of seconds from 0, for an option: milliseconds. */
export function watchMs(text: string): number {
  const ms = parseSeconds(text);
  if (ms === undefined) {
    throw new InvalidArgumentError("It must be a plain number of seconds from 0, such as 95.5.");
  }
  return ms;
}

/** Reads a moment, for an option: milliseconds since 1970. */
export function moment(text: string): number {
  const value = parseMoment(text, Date.now());
  if (value === undefined) {
    throw new InvalidArgumentError(
      "It must be a time such as 2026-01-31T12:00:00Z, or so long ago: 30m, 24h, 7d.",
    );
  }
  return value;
}
