/** Wakes the page that the server rendered; without this script every page still works. */
import { render } from "preact";
import type { VNode } from "preact";
import { Alert } from "./alert/alert";
import { categoriesOfPage, offeredOfPage } from "./shared/page";
import { RiskMap } from "./risk/risk";
import { Tracking } from "./tracking/tracking";

function wake(id: string, app: () => VNode): void {
  const place = document.getElementById(id);
  if (!place || place.dataset["usado"]) return;
  place.textContent = "";
  render(app(), place);
}

/** The line broke: what the page says to browsers without scripts holds again. */
const lost = (): void => document.documentElement.classList.remove("con-guion");

const form = document.querySelector<HTMLFormElement>("#alerta form");
// Somebody quicker than the script has begun to fill the plain form: it works, so it stays.
const hasBegun = form !== null && Array.from(new FormData(form)).some(([name, value]) =>
  ["categoria", "descripcion", "referencia", "distrito"].includes(name) && value !== "");
if (!hasBegun) wake("alerta", () => <Alert known={categoriesOfPage()} />);
wake("seguimiento", () => <Tracking />);
// Much heavier than the alert, so only its own page brings it.
if (document.getElementById("denuncia"))
  import("./denuncia/app").then(
    ({ default: Denuncia }) => wake("denuncia", () => <Denuncia known={offeredOfPage()} />),
    lost,
  );

if (document.getElementById("junta")) {
  // The code of a QR opens once: it does not stay in the address.
  const fragment = location.hash;
  if (fragment) history.replaceState(null, "", "/junta");
  import("./junta/app").then(
    ({ default: Junta }) => wake("junta", () => <Junta known={categoriesOfPage()} fragment={fragment} />),
    lost,
  );
}

const opener = document.getElementById("abrir-mapa");
opener?.addEventListener("click", () => {
  opener.remove();
  wake("riesgo", () => <RiskMap />);
});
opener?.removeAttribute("hidden");
document.documentElement.classList.add("con-guion");
