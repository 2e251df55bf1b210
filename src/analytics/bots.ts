import { isbot } from "isbot";

/** How many answers are remembered; together with those before them, twice as many. */
const REMEMBERED = 5_000;
/** Longer ones are looked at each time, in UTF-16 units: so memory has a bound. */
const LONGEST_REMEMBERED = 512;

/**
 * Tells bots from people by their User-Agent. To search one for some hundred
 * patterns takes longer than all else that is done for a view, and there are few
 * that most views have: so the last ones are remembered.
 */
export class Bots {
  #recent = new Map<string, boolean>();
  #older = new Map<string, boolean>();

  /** Whether this is the User-Agent of a known bot; "" is none. */
  has(userAgent: string): boolean {
    if (userAgent === "") return false;
    const known = this.#recent.get(userAgent);
    if (known !== undefined) return known;
    const answer = this.#older.get(userAgent) ?? isbot(userAgent);
    if (userAgent.length <= LONGEST_REMEMBERED) this.#remember(userAgent, answer);
    return answer;
  }

  #remember(userAgent: string, answer: boolean): void {
    if (this.#recent.size >= REMEMBERED) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(userAgent, answer);
  }
}
