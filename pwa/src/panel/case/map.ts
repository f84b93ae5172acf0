/** The map of one case: where, how sure, and whose ground. Loaded only when it is looked at. */
import type { Polygon, Point, Position } from "geojson";
import type { StyleSpecification } from "maplibre-gl";
import "maplibre-gl/dist/maplibre-gl.css";
import { baseStyle, openMap } from "../../citizen/map/map";
import { addZoom, bounds, cornersOf, lay, layGround } from "../maps/ground";
import type { Ground } from "../maps/ground";

interface Drawn {
  punto: Point | null;
  duda: Polygon | null;
  celda: Polygon | null;
  jurisdiccion: Ground | null;
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
  const ground = cornersOf(drawn.jurisdiccion);
  if (ground.length) map.fitBounds(bounds([...ground, ...spot]), { padding: 24, animate: false });
  addZoom(map, place);
  place.dataset["listo"] = "1";
}

function styleOf(drawn: Drawn): StyleSpecification {
  const style = baseStyle([]);
  layGround(style, drawn.jurisdiccion);
  lay(style, "zona", drawn.celda ?? drawn.duda, [
    { id: "z-fondo", type: "fill", source: "zona", paint: { "fill-color": "#c2255c", "fill-opacity": 0.18 } },
    { id: "z-borde", type: "line", source: "zona", paint: { "line-color": "#c2255c", "line-width": 2, "line-dasharray": [2, 1] } },
  ]);
  lay(style, "punto", drawn.punto, [
    { id: "p", type: "circle", source: "punto",
      paint: { "circle-radius": 8, "circle-color": "#c2255c", "circle-stroke-color": "#fff", "circle-stroke-width": 3 } },
  ]);
  return style;
}

function middle(ring: Position[]): Position {
  if (!ring.length) return [];
  const [[west, south], [east, north]] = bounds(ring);
  return [(west + east) / 2, (south + north) / 2];
}
