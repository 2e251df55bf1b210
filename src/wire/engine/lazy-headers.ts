import type { IncomingHttpHeaders } from "node:http";

/**
 * Headers that are built when somebody needs more than to read one of them.
 * To build real ones costs more than to decode a message, and most handlers
 * look at none. An instance of Headers, for whoever asks.
 */
class LazyHeaders implements Headers {
  #raw: IncomingHttpHeaders | undefined;
  #built: Headers | undefined;

  constructor(raw: IncomingHttpHeaders | undefined) {
    this.#raw = raw;
  }

  get(name: string): string | null {
    if (this.#built !== undefined) return this.#built.get(name);
    const value = this.#raw?.[name] ?? this.#raw?.[name.toLowerCase()];
    if (typeof value === "string") return value;
    return Array.isArray(value) ? value.join(", ") : null;
  }

  has(name: string): boolean {
    return this.get(name) !== null;
  }

  append(name: string, value: string): void {
    this.#all().append(name, value);
  }

  set(name: string, value: string): void {
    this.#all().set(name, value);
  }

  delete(name: string): void {
    this.#all().delete(name);
  }

  getSetCookie(): string[] {
    return this.#all().getSetCookie();
  }

  forEach(callback: (value: string, key: string, parent: Headers) => void, self?: unknown): void {
    this.#all().forEach((value, key) => callback.call(self, value, key, this));
  }

  entries(): ReturnType<Headers["entries"]> {
    return this.#all().entries();
  }

  keys(): ReturnType<Headers["keys"]> {
    return this.#all().keys();
  }

  values(): ReturnType<Headers["values"]> {
    return this.#all().values();
  }

  [Symbol.iterator](): ReturnType<Headers["entries"]> {
    return this.#all().entries();
  }

  /** What was put in, or read in a way that needed all; undefined if nothing was. */
  static built(headers: Headers): Headers | undefined {
    return #built in headers ? headers.#built : headers;
  }

  #all(): Headers {
    if (this.#built === undefined) {
      this.#built = new Headers();
      for (const name in this.#raw) {
        // Pseudo-headers of HTTP/2 are no headers.
        if (name.startsWith(":")) continue;
        const value = this.#raw[name];
        if (typeof value === "string") this.#built.append(name, value);
        else for (const one of value ?? []) this.#built.append(name, one);
      }
    }
    return this.#built;
  }
}
Object.setPrototypeOf(LazyHeaders.prototype, Headers.prototype);

/** The headers of a request. */
export function requestHeaders(raw: IncomingHttpHeaders): Headers {
  return new LazyHeaders(raw);
}

/** Headers or trailers to be filled. */
export function emptyHeaders(): Headers {
  return new LazyHeaders(undefined);
}

/** The headers that somebody put in; undefined if there are none. */
export function filled(headers: Headers): Headers | undefined {
  return LazyHeaders.built(headers);
}

/** Takes out all that somebody put in. */
export function clearHeaders(headers: Headers): void {
  for (const name of [...headers.keys()]) headers.delete(name);
}
