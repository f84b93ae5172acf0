/** The confirmed zones on our own map, numbered as the list is; fetched when somebody opens it. */
import type { Feature, FeatureCollection, Polygon } from "geojson";
import { baseStyle, openMap } from "../map/map";
import type { MapView } from "../map/map";
import { t } from "../shared/texts";
import type { Celda } from "./api";

export type { MapView };

export async function openCells(holder: HTMLElement, cells: readonly Celda[]): Promise<MapView> {
  const lats = cells.flatMap(({ borde }) => borde.map(([lat]) => lat));
  const lons = cells.flatMap(({ borde }) => borde.map(([, lon]) => lon));
  const corners: [number, number, number, number] = [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
  const start = { lat: (corners[1] + corners[3]) / 2, lon: (corners[0] + corners[2]) / 2, zoom: 14 };
  const map = await openMap(holder, start, baseStyle([]), t.map.label);
  map.fitBounds(corners, { padding: 36, maxZoom: 15, animate: false });
  map.addSource("celdas", { type: "geojson", data: asGeoJson(cells) });
  map.addLayer({ id: "celdas", type: "fill", source: "celdas", paint: { "fill-color": "#0b5563", "fill-opacity": 0.25 } });
  map.addLayer({ id: "celdas-borde", type: "line", source: "celdas", paint: { "line-color": "#0b5563", "line-width": 2 } });
  map.addLayer({
    id: "celdas-numero", type: "symbol", source: "celdas",
    layout: { "text-field": ["get", "numero"], "text-font": ["Roboto", "Arial", "sans-serif"], "text-size": 15, "text-allow-overlap": true },
    paint: { "text-color": "#073b45", "text-halo-color": "#ffffff", "text-halo-width": 1.6 },
  });
  return map;
}

function asGeoJson(cells: readonly Celda[]): FeatureCollection<Polygon> {
  return { type: "FeatureCollection", features: cells.map(asFeature) };
}

function asFeature({ borde }: Celda, index: number): Feature<Polygon> {
  const ring = borde.map(([lat, lon]) => [lon, lat]);
  const closed = [...ring, ...ring.slice(0, 1)];
  return { type: "Feature", properties: { numero: String(index + 1) }, geometry: { type: "Polygon", coordinates: [closed] } };
}
