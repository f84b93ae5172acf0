/** Wakes the page that checks constancias; a browser that cannot check keeps the plain form. */
import { render } from "preact";
import { CheckPage } from "./constancia/page";

const place = document.getElementById("constancia");
const field = document.querySelector<HTMLTextAreaElement>("#codigo");
// Without HTTPS a browser hides its hash functions; after a sent form the server has answered.
if (place && !place.dataset["usado"] && typeof crypto.subtle !== "undefined") {
  place.textContent = "";
  render(<CheckPage />, place);
} else if (field && !field.value) {
  field.value = location.hash.slice(1);
}
document.documentElement.classList.add("con-guion");
