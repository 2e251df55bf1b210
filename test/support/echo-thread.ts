import { Moved, sendEvent, serveThread, threadData } from "../../src/thread.ts";

const api = {
  data: (): string => threadData<string>(),
  echo: (value: number): number => value,
  fail: (message: string): never => {
    throw new Error(message);
  },
  moved: (length: number): Moved<Float64Array<ArrayBuffer>> => {
    const numbers = Float64Array.from({ length }, (_, index) => index);
    return new Moved(numbers, [numbers.buffer]);
  },
  emit: (event: string): void => sendEvent(event),
  die: (): Promise<never> => process.exit(1),
};

export type EchoApi = typeof api;

serveThread(api);
