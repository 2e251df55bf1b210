import { render } from "preact";
import "../ui/theme.css";
import { applyTheme } from "../ui/theme.tsx";
import { Top } from "../ui/top.tsx";

applyTheme();
render(
  <>
    <Top current="/docs" />
    <main id="main" />
  </>,
  document.getElementById("app") as HTMLElement,
);
