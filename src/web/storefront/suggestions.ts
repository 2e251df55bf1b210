/**
 * Which of some suggestions is active after a key, counted from 0; -1 is none,
 * which is the text that was typed. Arrows go around, through the text.
 */
export function activeAfter(key: string, active: number, count: number): number {
  if (count === 0) return -1;
  if (key === "ArrowDown") return active + 1 < count ? active + 1 : -1;
  if (key === "ArrowUp") return active === -1 ? count - 1 : active - 1;
  return active;
}
