/** H3 cells on the phone: the zone that a person marks, and the one they look around in. */
import type { Feature, Polygon } from "geojson";
import { cellToBoundary, latLngToCell } from "h3-js";

const ZONE_RESOLUTION = 8;
const AROUND_RESOLUTION = 7;

export const zoneAt = (lat: number, lon: number): string => latLngToCell(lat, lon, ZONE_RESOLUTION);
export const aroundAt = (lat: number, lon: number): string => latLngToCell(lat, lon, AROUND_RESOLUTION);

export function outline(cell: string): Feature<Polygon> {
  return { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [cellToBoundary(cell, true)] } };
}
