import type { ComponentChildren } from "preact";
import { ThemeButton } from "./theme.tsx";

/** The pages, by what the top of each calls them. */
const pages = [
  ["/", "Storefront"],
  ["/dashboard", "Dashboard"],
  ["/docs", "API"],
] as const;

/** What each page has on top. The page itself has a <main id="main">. */
export function Top({
  current,
  children,
}: {
  /** The path of the page. */
  current: (typeof pages)[number][0];
  /** What the page adds at the end. */
  children?: ComponentChildren;
}) {
  return (
    <header class="top">
      <a class="skip" href="#main">
        Skip to content
      </a>
      <a class="brand" href="/">
        Marquee
      </a>
      <nav aria-label="Pages">
        {pages.map(([path, name]) => (
          <a key={path} href={path} aria-current={path === current ? "page" : undefined}>
            {name}
          </a>
        ))}
      </nav>
      <div class="end">
        {children}
        <ThemeButton />
      </div>
    </header>
  );
}
