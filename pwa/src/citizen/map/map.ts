/** MapLibre with our own borders as its ground; loaded only when somebody opens a map. */
import "./old_phones";
import { Map as MapView, setWorkerUrl } from "maplibre-gl";
import type { StyleSpecification } from "maplibre-gl";
import workerUrl from "./worker?worker&url";

export type { MapView };

export interface Start { lon: number; lat: number; zoom: number }

const PERU: [[number, number], [number, number]] = [[-84, -19.5], [-66, 1.2]];
const PATIENCE_MS = 15_000;
const LABEL_FONTS = ["Roboto", "Arial", "sans-serif"];

setWorkerUrl(workerUrl);

export function tiles(path: string): string[] {
  return [`${location.origin}${path}/{z}/{x}/{y}.mvt`];
}

/** Fonts are the phone's own: no glyphs are fetched. */
export function baseStyle(ground: StyleSpecification["layers"]): StyleSpecification {
  return {
    version: 8,
    sources: { territorio: { type: "vector", tiles: tiles("/api/v1/territorio"), minzoom: 4, maxzoom: 14 } },
    layers: [
      { id: "fondo", type: "background", paint: { "background-color": "#eef2f1" } },
      ...ground,
      { id: "jurisdicciones", type: "line", source: "territorio", "source-layer": "jurisdicciones", minzoom: 9,
        paint: { "line-color": "#0b5563", "line-width": 1.5, "line-opacity": 0.55, "line-dasharray": [3, 2] } },
      { id: "distritos", type: "line", source: "territorio", "source-layer": "distritos",
        paint: { "line-color": "#5b6b70", "line-width": ["interpolate", ["linear"], ["zoom"], 6, 0.5, 12, 1.6] } },
      label("nombres-jurisdicciones", "jurisdicciones", "#0b5563", 12, 10.5),
      label("nombres-distritos", "distritos", "#33434a", 13, 9),
    ],
  };
}

function label(id: string, layer: string, color: string, size: number, minzoom: number): StyleSpecification["layers"][number] {
  return {
    id, type: "symbol", source: "territorio", "source-layer": layer, minzoom,
    layout: { "text-field": ["get", "nombre"], "text-font": LABEL_FONTS, "text-size": size, "text-max-width": 8 },
    paint: { "text-color": color, "text-halo-color": "#ffffff", "text-halo-width": 1.4 },
  };
}

/** Resolves once the style is in place and layers can be added. */
export async function openMap(
  container: HTMLElement, start: Start, style: StyleSpecification, label: string,
): Promise<MapView> {
  const map = new MapView({
    container, style, center: [start.lon, start.lat], zoom: start.zoom,
    minZoom: 4, maxZoom: 17, maxBounds: PERU, attributionControl: false,
    dragRotate: false, pitchWithRotate: false, touchPitch: false, fadeDuration: 0,
    // Old phones have little memory for tiles off the screen.
    maxTileCacheSize: 40,
  });
  // A tile that a bad line swallowed is fetched again at the next move; nobody reads the console.
  map.on("error", () => undefined);
  const isStyled = new Promise<void>((done, fail) => {
    void map.once("style.load", () => done());
    // Nothing is fetched for it: so long without an answer means that this browser cannot.
    window.setTimeout(() => fail(new Error("the map did not start")), PATIENCE_MS);
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.getCanvas().setAttribute("aria-label", label);
  await isStyled;
  return map;
}
