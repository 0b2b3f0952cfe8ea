import { render } from "preact";

import { App } from "./app/app";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/ui.css";
import "./styles/shell.css";
import "./styles/inbox.css";
import "./styles/thread.css";
import "./styles/composer.css";
import "./styles/pages.css";
import "./styles/log.css";
import "./styles/channels.css";
import "./styles/drawings.css";

const root = document.getElementById("app");
if (root !== null) render(<App />, root);
