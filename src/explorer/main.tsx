import { render } from "preact";
import "../ui/theme.css";
import "./explorer.css";
import { applyTheme } from "../ui/theme.tsx";
import { Top } from "../ui/top.tsx";
import { Loading } from "./page/loading.tsx";

applyTheme();
render(
  <>
    <Top current="/docs" />
    <Loading />
  </>,
  document.getElementById("app") as HTMLElement,
);
