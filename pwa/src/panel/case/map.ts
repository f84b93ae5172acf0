/** The map of one case: where, how sure, and whose ground. Loaded only when it is looked at. */
import type { Feature, Geometry, Polygon, MultiPolygon, Point, Position } from "geojson";
import { NavigationControl } from "maplibre-gl";
import type { StyleSpecification } from "maplibre-gl";
import "maplibre-gl/dist/maplibre-gl.css";
import { baseStyle, openMap } from "../../citizen/map/map";
import type { MapView } from "../../citizen/map/map";

interface Drawn {
  punto: Point | null;
  duda: Polygon | null;
  celda: Polygon | null;
  jurisdiccion: Polygon | MultiPolygon | null;
}

const ROUND_ZOOM = 14;

export async function showCase(place: HTMLElement): Promise<void> {
  const answer = await fetch(place.dataset["url"] ?? "", { headers: { "HX-Request": "true" } });
  if (!answer.ok) throw new Error(String(answer.status));
  const drawn = (await answer.json()) as Drawn;
  const zone = drawn.celda ?? drawn.duda;
  const spot = zone?.coordinates[0] ?? (drawn.punto ? [drawn.punto.coordinates] : []);
  const [lon = -77, lat = -12] = middle(spot);
  place.replaceChildren();
  const map = await openMap(place, { lon, lat, zoom: ROUND_ZOOM }, styleOf(drawn), place.dataset["nombre"] ?? "");
  // There may be no streets to go by: the place is shown within the whole ground it lies in.
  const ground = groundCorners(drawn.jurisdiccion);
  if (ground.length) map.fitBounds(bounds([...ground, ...spot]), { padding: 24, animate: false });
  addZoom(map, place);
  place.dataset["listo"] = "1";
}

function groundCorners(ground: Drawn["jurisdiccion"]): Position[] {
  if (!ground) return [];
  return ground.type === "Polygon" ? ground.coordinates.flat() : ground.coordinates.flat(2);
}

function addZoom(map: MapView, place: HTMLElement): void {
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  for (const [name, words] of [["in", "Acercar"], ["out", "Alejar"]] as const) {
    const button = place.querySelector<HTMLButtonElement>(`.maplibregl-ctrl-zoom-${name}`);
    button?.setAttribute("aria-label", words);
    if (button) button.title = words;
  }
}

function styleOf(drawn: Drawn): StyleSpecification {
  const style = baseStyle([]);
  const add = (name: string, geometry: Geometry | null, layers: StyleSpecification["layers"]): void => {
    if (!geometry) return;
    const data: Feature = { type: "Feature", properties: {}, geometry };
    style.sources[name] = { type: "geojson", data };
    style.layers.push(...layers);
  };
  add("jurisdiccion", drawn.jurisdiccion, [
    { id: "j-fondo", type: "fill", source: "jurisdiccion", paint: { "fill-color": "#12355b", "fill-opacity": 0.06 } },
    { id: "j-borde", type: "line", source: "jurisdiccion", paint: { "line-color": "#12355b", "line-width": 3 } },
  ]);
  add("zona", drawn.celda ?? drawn.duda, [
    { id: "z-fondo", type: "fill", source: "zona", paint: { "fill-color": "#c2255c", "fill-opacity": 0.18 } },
    { id: "z-borde", type: "line", source: "zona", paint: { "line-color": "#c2255c", "line-width": 2, "line-dasharray": [2, 1] } },
  ]);
  add("punto", drawn.punto, [
    { id: "p", type: "circle", source: "punto",
      paint: { "circle-radius": 8, "circle-color": "#c2255c", "circle-stroke-color": "#fff", "circle-stroke-width": 3 } },
  ]);
  return style;
}

function bounds(ring: Position[]): [[number, number], [number, number]] {
  const [lons, lats] = [ring.map((at) => at[0] ?? 0), ring.map((at) => at[1] ?? 0)];
  return [[Math.min(...lons), Math.min(...lats)], [Math.max(...lons), Math.max(...lats)]];
}

function middle(ring: Position[]): Position {
  if (!ring.length) return [];
  const [[west, south], [east, north]] = bounds(ring);
  return [(west + east) / 2, (south + north) / 2];
}
