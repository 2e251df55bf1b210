/**
 * Thrown for what this codec leaves to protobuf-es, malformed input above all:
 * protobuf-es has the last word on what is accepted and what the error says.
 * There is one for all, because a stack trace costs more than the message.
 */
export const unusual: Error = new Error("left to protobuf-es");
