// Puts the app into the page.

import "./session/link-token.ts";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/forms.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { followNewVersions } from "./session/new-version.ts";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root.");
followNewVersions();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
