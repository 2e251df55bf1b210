import { render } from "preact";
import "../../ui/theme.css";
import "./dashboard.css";
import { applyTheme } from "../../ui/theme.tsx";
import { Top } from "../../ui/top.tsx";
import { Dashboard } from "./dashboard.tsx";

applyTheme();
render(
  <>
    <Top current="/dashboard" />
    <Dashboard />
  </>,
  document.getElementById("app") as HTMLElement,
);
