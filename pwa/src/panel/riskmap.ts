/** The analysts' risk map: cells by score, and the one under the pointer or the cursor in words. */
import type { ExpressionSpecification, MapGeoJSONFeature } from "maplibre-gl";
import { baseStyle, openMap } from "../citizen/map/map";
import type { MapView } from "../citizen/map/map";
import "./riskmap/riskmap.css";

// The same steps and colours as the legend of the page.
const STEPS: [number, string][] = [
  [0.5, "#fdbb84"], [1, "#fc8d59"], [2, "#e34a33"], [4, "#b30000"], [8, "#5c0000"],
];
const LOWEST_COLOR = "#fdd49e";
const FILL: ExpressionSpecification = ["step", ["get", "score"], LOWEST_COLOR, ...STEPS.flat()];
const CLOSE_ZOOM = 14;
const NUMBER = new Intl.NumberFormat("es-PE", { maximumFractionDigits: 2 });

const holder = document.querySelector<HTMLElement>("#mapa-riesgo");
const form = document.querySelector<HTMLFormElement>("#mapa-filtros");
const said = document.querySelector<HTMLElement>("#celda-elegida");
if (holder && form && said) {
  open(holder, form, said).catch(() => {
    said.textContent = holder.dataset["falla"] ?? "";
  });
}

async function open(holder: HTMLElement, form: HTMLFormElement, said: HTMLElement): Promise<void> {
  const { lat, lon, zoom, nombre } = holder.dataset;
  const start = { lat: Number(lat), lon: Number(lon), zoom: Number(zoom) };
  const map = await openMap(holder, start, baseStyle([]), nombre ?? "");
  showCells(map, form);
  form.addEventListener("change", () => showCells(map, form));
  map.on("click", "riesgo", ({ features }) => features?.[0] && say(features[0], holder, said));
  document.addEventListener("click", ({ target }) => followButton(map, target));
}

/** The tiles of what the form asks for; the address is the form's own, so both show the same. */
function showCells(map: MapView, form: HTMLFormElement): void {
  const asked = new URLSearchParams(new FormData(form) as unknown as Record<string, string>);
  const capa = asked.get("capa") ?? "integrado";
  asked.delete("capa");
  const tiles = [`${location.origin}${form.dataset["teselas"]}/${capa}/{z}/{x}/{y}.mvt?${asked}`];
  if (map.getLayer("riesgo")) map.removeLayer("riesgo");
  if (map.getSource("riesgo")) map.removeSource("riesgo");
  map.addSource("riesgo", { type: "vector", tiles, minzoom: 5, maxzoom: 14 });
  map.addLayer({
    id: "riesgo", type: "fill", source: "riesgo", "source-layer": "riesgo",
    paint: { "fill-color": FILL, "fill-outline-color": "#ffffff" },
  }, "jurisdicciones");
}

function say({ properties }: MapGeoJSONFeature, holder: HTMLElement, said: HTMLElement): void {
  const words = holder.dataset["celda"] ?? "";
  said.textContent = words
    .replace("{n}", NUMBER.format(properties["n"] as number))
    .replace("{puntaje}", NUMBER.format(properties["score"] as number));
}

/** Buttons of the page: nearer, farther, and each row of the table. */
function followButton(map: MapView, target: EventTarget | null): void {
  const button = target instanceof Element ? target.closest<HTMLElement>("button[data-mapa]") : null;
  if (!button) return;
  const { mapa, lat, lon } = button.dataset;
  if (mapa === "acercar") map.zoomIn();
  if (mapa === "alejar") map.zoomOut();
  if (mapa === "ver") {
    map.jumpTo({ center: [Number(lon), Number(lat)], zoom: CLOSE_ZOOM });
    map.getContainer().scrollIntoView({ block: "nearest" });
  }
}
