/**
 * How deep lists and objects of a JSON message may be nested in each other:
 * deeper than any contract, and the limit of the protocol library for the
 * fields that it knows.
 */
export const maxJsonDepth = 100;

/** Whether a JSON text is nested deeper than allowed. Texts that are no JSON get some answer. */
export function isTooDeep(text: string): boolean {
  return text.length > maxJsonDepth && mayBeTooDeep(text) && isDeeper(text);
}

/** Whether there are enough brackets at all: a quick look, which is all that most texts need. */
function mayBeTooDeep(text: string): boolean {
  let count = 0;
  for (const bracket of "{[") {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) {
      if (++count > maxJsonDepth) return true;
    }
  }
  return false;
}

const [quote, backslash] = [0x22, 0x5c];
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];

function isDeeper(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      for (at++; at < text.length && text.charCodeAt(at) !== quote; at++) {
        if (text.charCodeAt(at) === backslash) at++;
      }
    } else if (code === openList || code === openObject) {
      if (++depth > maxJsonDepth) return true;
    } else if (code === closeList || code === closeObject) depth--;
  }
  return false;
}
