/**
 * What a page is viewed on: "phone", "tablet" or "desktop". Fingers without a
 * mouse tell the first two, and the shorter side of the screen tells them apart.
 */
export function deviceOf(isCoarse: boolean, screen: { width: number; height: number }): string {
  if (!isCoarse) return "desktop";
  return Math.min(screen.width, screen.height) < 600 ? "phone" : "tablet";
}

/** The page that somebody came from, if it is of another site; else "". */
export function foreignReferrer(referrer: string, origin: string): string {
  if (!URL.canParse(referrer) || new URL(referrer).origin === origin) return "";
  // The bound of the contract.
  return referrer.slice(0, 2_048);
}
