/** The map of a junta's area: whose ground it is, the area itself, and, where it may be drawn,
 * its corners. The field beside it says the same in words, and either follows the other. */
import type { Feature, FeatureCollection } from "geojson";
import type { GeoJSONSource } from "maplibre-gl";
import "maplibre-gl/dist/maplibre-gl.css";
import { baseStyle, openMap } from "../../citizen/map/map";
import type { MapView } from "../../citizen/map/map";
import { addZoom, bounds, cornersOf, layGround } from "../maps/ground";
import { add, close, EMPTY, FEWEST, read, shapeOf, undo, write } from "./draft";
import type { Draft, Shape } from "./draft";

const PADDING = { padding: 32, animate: false, maxZoom: 16 };
const ROUND_ZOOM = 14;
const AREA_COLOR = "#c2255c";

export async function showArea(place: HTMLElement): Promise<void> {
  const field = document.querySelector<HTMLTextAreaElement>("#area");
  const ground = parsed(place.dataset["terreno"]);
  const style = baseStyle([]);
  layGround(style, ground);
  const { lat, lon, nombre } = place.dataset;
  const start = { lat: Number(lat), lon: Number(lon), zoom: ROUND_ZOOM };
  place.replaceChildren();
  const map = await openMap(place, start, style, nombre ?? "");
  addZoom(map, place);
  addLayers(map);
  const drawn = (field && read(field.value)) || read(place.dataset["area"] ?? "") || EMPTY;
  look(map, shapeOf(drawn) ?? ground);
  if (field) edit(map, place, field, drawn);
  else draw(map, drawn);
  place.dataset["listo"] = "1";
}

function edit(map: MapView, place: HTMLElement, field: HTMLTextAreaElement, drawn: Draft): void {
  let draft = drawn;
  const show = (): void => {
    draw(map, draft);
    say(place, draft);
  };
  const change = (next: Draft): void => {
    draft = next;
    field.value = write(draft);
    show();
  };
  const acts: Record<string, () => void> = {
    centro: () => change(add(draft, map.getCenter().toArray())),
    deshacer: () => change(undo(draft)),
    cerrar: () => change(close(draft)),
    borrar: () => change(EMPTY),
  };
  map.on("click", ({ lngLat }) => change(add(draft, lngLat.toArray())));
  document.getElementById("area-botones")?.addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? target.closest<HTMLElement>("[data-area]") : null;
    acts[button?.dataset["area"] ?? ""]?.();
  });
  field.addEventListener("input", () => {
    draft = read(field.value) ?? EMPTY;
    show();
    look(map, shapeOf(draft));
  });
  followFile(field);
  document.getElementById("area-botones")?.removeAttribute("hidden");
  place.classList.add("area-se-dibuja");
  show();
}

/** A chosen file is shown before it is sent, in the field where it can be corrected. */
function followFile(field: HTMLTextAreaElement): void {
  const file = document.querySelector<HTMLInputElement>("#archivo");
  file?.addEventListener("change", () => {
    void file.files?.[0]?.text().then((text) => {
      if (!read(text)) return; // the server says what is wrong with it
      field.value = text;
      field.dispatchEvent(new Event("input"));
      file.value = "";
    });
  });
}

function say(place: HTMLElement, draft: Draft): void {
  const said = document.getElementById("area-dicho");
  if (!said) return;
  const state = "shape" in draft || draft.isClosed ? "cerrada" : draft.corners.length < FEWEST ? "faltan" : "abierta";
  const corners = "shape" in draft ? "" : String(draft.corners.length);
  said.textContent = (place.dataset[state] ?? "").replace("{n}", corners);
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-area]")) {
    const act = button.dataset["area"];
    if (act === "cerrar") button.setAttribute("aria-disabled", String(state !== "abierta"));
    if (act === "deshacer" || act === "borrar") button.setAttribute("aria-disabled", String(corners === "0"));
    if (act === "centro") button.setAttribute("aria-disabled", String(state === "cerrada"));
  }
}

function addLayers(map: MapView): void {
  map.addSource("area", { type: "geojson", data: collection([]) });
  map.addLayer({ id: "area-fondo", type: "fill", source: "area", filter: ["==", ["geometry-type"], "Polygon"],
    paint: { "fill-color": AREA_COLOR, "fill-opacity": 0.18 } });
  map.addLayer({ id: "area-borde", type: "line", source: "area",
    paint: { "line-color": AREA_COLOR, "line-width": 3 } });
  map.addLayer({ id: "area-puntos", type: "circle", source: "area", filter: ["==", ["geometry-type"], "Point"],
    paint: { "circle-radius": 7, "circle-color": "#fff", "circle-stroke-color": AREA_COLOR, "circle-stroke-width": 3 } });
}

function draw(map: MapView, draft: Draft): void {
  map.getSource<GeoJSONSource>("area")?.setData(collection(features(draft)));
}

function features(draft: Draft): Feature[] {
  const shape = shapeOf(draft);
  if ("shape" in draft || draft.isClosed) return shape ? [feature(shape)] : [];
  const corners = draft.corners.map((coordinates) => feature({ type: "Point", coordinates }));
  const line = feature({ type: "LineString", coordinates: draft.corners });
  return [...(shape ? [feature(shape)] : []), ...(corners.length > 1 ? [line] : []), ...corners];
}

function feature(geometry: Feature["geometry"]): Feature {
  return { type: "Feature", properties: {}, geometry };
}

function collection(found: Feature[]): FeatureCollection {
  return { type: "FeatureCollection", features: found };
}

function look(map: MapView, shape: Shape | undefined): void {
  if (shape) map.fitBounds(bounds(cornersOf(shape)), PADDING);
}

function parsed(text: string | undefined): Shape | undefined {
  return text ? (JSON.parse(text) as Shape) : undefined;
}
