import { useState } from "preact/hooks";

type Theme = "light" | "dark";

const KEY = "marquee-theme";

/** The theme that was chosen here; undefined for that of the system. */
function chosenTheme(): Theme | undefined {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === "light" || kept === "dark" ? kept : undefined;
  } catch {
    // Storage may be forbidden.
    return undefined;
  }
}

function shownTheme(): Theme {
  return chosenTheme() ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
}

/** To be called before anything is drawn. */
export function applyTheme(): void {
  const theme = chosenTheme();
  if (theme !== undefined) document.documentElement.dataset["theme"] = theme;
}

/** Changes between light and dark, and keeps that for the next time. */
export function ThemeButton() {
  const [theme, setTheme] = useState(shownTheme);
  const other = theme === "dark" ? "light" : "dark";
  const change = (): void => {
    try {
      localStorage.setItem(KEY, other);
    } catch {
      // Then it lasts as long as the page.
    }
    document.documentElement.dataset["theme"] = other;
    setTheme(other);
  };
  return (
    <button
      type="button"
      class="button"
      onClick={change}
      aria-label={`Change to ${other} colours`}
      title={`Change to ${other} colours`}
    >
      {theme === "dark" ? "☀" : "☾"}
    </button>
  );
}
