import { render } from "preact";
import "../../ui/theme.css";
import { applyTheme } from "../../ui/theme.tsx";
import { App } from "./app.tsx";
import "./storefront.css";

applyTheme();
render(<App />, document.getElementById("app") as HTMLElement);
