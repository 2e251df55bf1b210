import type { JsonValue } from "@bufbuild/protobuf";
import { useEffect, useRef, useState } from "preact/hooks";
import { makeCall, type Call, type Outcome } from "../call.ts";
import type { Header } from "../options.ts";

/** How many messages of an answer are kept: the newest. */
const MAX_KEPT = 200;

/** How often what arrives is shown, in milliseconds. */
const REDRAW_MS = 60;

/** A message of an answer. */
export interface Received {
  /** From 1 on. */
  readonly number: number;
  /** Since the call began, in milliseconds. */
  readonly atMs: number;
  readonly value: JsonValue;
}

/** A call that was made from the page, as far as it has got. */
export interface CallState {
  readonly isRunning: boolean;
  /** The status of HTTP. Undefined before there is an answer. */
  readonly status?: number;
  readonly headers: readonly Header[];
  /** The newest first. */
  readonly received: readonly Received[];
  /** How many messages have come, those that are not kept included. */
  readonly count: number;
  readonly outcome?: Outcome;
}

/** Makes calls, one at a time: another one cancels the one before. */
export function useCall(): {
  readonly state: CallState | undefined;
  call(call: Call): void;
  cancel(): void;
} {
  const [state, setState] = useState<CallState | undefined>();
  const running = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => running.current?.abort(), []);

  const call = (made: Call): void => {
    running.current?.abort();
    const aborter = new AbortController();
    running.current = aborter;
    const start = performance.now();
    let current: CallState = { isRunning: true, headers: [], received: [], count: 0 };
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = (): void => {
      clearTimeout(timer);
      timer = undefined;
      // What a call before has to say is of no interest any more.
      if (running.current === aborter) setState(current);
    };
    // A stream may bring thousands in a moment.
    const showSoon = (): void => {
      timer ??= setTimeout(show, REDRAW_MS);
    };
    show();
    void makeCall(made, aborter.signal, {
      onHeaders(status, headers) {
        current = { ...current, status, headers };
        showSoon();
      },
      onMessage(value) {
        const count = current.count + 1;
        const message = { number: count, atMs: performance.now() - start, value };
        current = {
          ...current,
          count,
          received: [message, ...current.received].slice(0, MAX_KEPT),
        };
        showSoon();
      },
    }).then((outcome) => {
      current = { ...current, isRunning: false, outcome };
      show();
    });
  };
  return { state, call, cancel: () => running.current?.abort() };
}
