/** What the maps of the panel share: whose ground it is, buttons to zoom, and where to look. */
import type { Feature, Geometry, MultiPolygon, Polygon, Position } from "geojson";
import { NavigationControl } from "maplibre-gl";
import type { StyleSpecification } from "maplibre-gl";
import type { MapView } from "../../citizen/map/map";

export type Ground = Polygon | MultiPolygon;

/** The jurisdiction under everything else, with its border. */
export function layGround(style: StyleSpecification, ground: Ground | null | undefined): void {
  lay(style, "jurisdiccion", ground, [
    { id: "j-fondo", type: "fill", source: "jurisdiccion", paint: { "fill-color": "#12355b", "fill-opacity": 0.06 } },
    { id: "j-borde", type: "line", source: "jurisdiccion", paint: { "line-color": "#12355b", "line-width": 3 } },
  ]);
}

export function lay(
  style: StyleSpecification, name: string, geometry: Geometry | null | undefined, layers: StyleSpecification["layers"],
): void {
  if (!geometry) return;
  const data: Feature = { type: "Feature", properties: {}, geometry };
  style.sources[name] = { type: "geojson", data };
  style.layers.push(...layers);
}

export function addZoom(map: MapView, place: HTMLElement): void {
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  for (const [name, words] of [["in", "Acercar"], ["out", "Alejar"]] as const) {
    const button = place.querySelector<HTMLButtonElement>(`.maplibregl-ctrl-zoom-${name}`);
    button?.setAttribute("aria-label", words);
    if (button) button.title = words;
  }
}

export function cornersOf(ground: Ground | null | undefined): Position[] {
  if (!ground) return [];
  return ground.type === "Polygon" ? ground.coordinates.flat() : ground.coordinates.flat(2);
}

export function bounds(ring: Position[]): [[number, number], [number, number]] {
  const [lons, lats] = [ring.map((at) => at[0] ?? 0), ring.map((at) => at[1] ?? 0)];
  return [[Math.min(...lons), Math.min(...lats)], [Math.max(...lons), Math.max(...lats)]];
}
