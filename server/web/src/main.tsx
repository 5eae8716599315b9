import {render} from "preact";
import {App} from "./app.js";
import "./style/main.css";
import {showTheme} from "./ui/theme.js";

showTheme();
const place = document.getElementById("app");
if (place) {
  place.replaceChildren();
  render(<App />, place);
}
