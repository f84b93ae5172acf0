/** Wakes the page that checks constancias; a browser that cannot check keeps the plain form. */
import { render } from "preact";
import { CheckPage } from "./constancia/page";

const place = document.getElementById("constancia");
// Without HTTPS a browser hides its hash functions; after a sent form the server has answered.
if (place && !place.dataset["usado"] && typeof crypto.subtle !== "undefined") {
  place.textContent = "";
  render(<CheckPage />, place);
}
document.documentElement.classList.add("con-guion");
