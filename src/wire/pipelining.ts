import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/**
 * Requests that may wait on one HTTP/1.1 connection for the answers to those
 * before them. Node.js hands out all that have arrived, at once, so that they
 * run at the same time however many they are. Hardly any client sends a second
 * request before the first is answered; tools for load do, some dozens.
 */
const maxPipelined = 100;

const waitingKey = Symbol("waiting");

type Connection = Socket & { [waitingKey]?: number };

/** Whether this request, which has just come, is one too many on its connection. */
export function isPipelinedTooFar(request: IncomingMessage, response: ServerResponse): boolean {
  // A response gets the socket when it is its turn.
  if (response.socket !== null) return false;
  const socket: Connection = request.socket;
  const waiting = (socket[waitingKey] ?? 0) + 1;
  if (socket.destroyed || waiting > maxPipelined) return true;
  socket[waitingKey] = waiting;
  response.once("close", () => {
    socket[waitingKey] = (socket[waitingKey] ?? 1) - 1;
  });
  return false;
}
