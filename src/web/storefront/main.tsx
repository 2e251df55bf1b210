import { render } from "preact";
import "../../ui/theme.css";
import { applyTheme } from "../../ui/theme.tsx";
import { App } from "./app.tsx";
import { outcomes } from "./marquee.ts";
import "./storefront.css";
import "./shelves.css";
import "./item-page.css";
import "./people.css";

applyTheme();
// What came into view is told before the page is gone.
addEventListener("pagehide", () => outcomes.flush());
render(<App />, document.getElementById("app") as HTMLElement);
