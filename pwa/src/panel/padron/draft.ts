/** An area as it is drawn: corners one after the other, or a shape that came from a file. */
import type { MultiPolygon, Polygon, Position } from "geojson";

export type Shape = Polygon | MultiPolygon;

/** What the field holds: corners as lines that a person reads, or a shape kept as it came. */
export type Draft = { corners: Position[]; isClosed: boolean } | { shape: Shape };

export const EMPTY: Draft = { corners: [], isClosed: false };
export const FEWEST = 3;
const DECIMALS = 6;

/** Reads the field: GeoJSON, or a line of latitude and longitude for each corner. */
export function read(text: string): Draft | undefined {
  const words = text.trim();
  if (!words) return EMPTY;
  return words.startsWith("{") ? readShape(words) : readLines(words);
}

export function write(draft: Draft): string {
  if ("shape" in draft) return JSON.stringify(draft.shape);
  return draft.corners
    .map(([lon = 0, lat = 0]) => `${lat.toFixed(DECIMALS)}, ${lon.toFixed(DECIMALS)}`)
    .join("\n");
}

/** What there is to see of it, once it has corners enough. */
export function shapeOf(draft: Draft): Shape | undefined {
  if ("shape" in draft) return draft.shape;
  const [first] = draft.corners;
  if (!first || draft.corners.length < FEWEST) return undefined;
  return { type: "Polygon", coordinates: [[...draft.corners, first]] };
}

export function add(draft: Draft, corner: Position): Draft {
  if ("shape" in draft || draft.isClosed) return draft;
  return { corners: [...draft.corners, corner], isClosed: false };
}

/** Without the last corner, and open again; a shape from a file goes as a whole. */
export function undo(draft: Draft): Draft {
  return "shape" in draft ? EMPTY : { corners: draft.corners.slice(0, -1), isClosed: false };
}

export function close(draft: Draft): Draft {
  if ("shape" in draft || draft.corners.length < FEWEST) return draft;
  return { ...draft, isClosed: true };
}

function readLines(text: string): Draft | undefined {
  const corners: Position[] = [];
  for (const line of text.split("\n")) {
    if (!line.trim()) continue;
    const numbers = line.split(/[,;\s]+/).filter(Boolean).map(Number);
    const [lat, lon] = numbers;
    if (numbers.length !== 2 || !isOnEarth(lat, lon)) return undefined;
    corners.push([lon as number, lat as number]);
  }
  return { corners: withoutRepeatedEnd(corners), isClosed: corners.length >= FEWEST };
}

function readShape(text: string): Draft | undefined {
  try {
    const shape = geometryIn(JSON.parse(text));
    return shape && (simple(shape) ?? { shape });
  } catch {
    return undefined;
  }
}

function geometryIn(found: { type?: string; geometry?: unknown; features?: unknown[] }): Shape | undefined {
  if (found.type === "FeatureCollection" && found.features?.length === 1) {
    return geometryIn(found.features[0] as object);
  }
  if (found.type === "Feature") return geometryIn(found.geometry as object);
  return found.type === "Polygon" || found.type === "MultiPolygon" ? (found as Shape) : undefined;
}

/** One ring without holes can be drawn on. */
function simple(shape: Shape): Draft | undefined {
  const polygons = shape.type === "Polygon" ? [shape.coordinates] : shape.coordinates;
  const [ring, ...others] = polygons[0] ?? [];
  if (polygons.length !== 1 || others.length || !ring) return undefined;
  return { corners: withoutRepeatedEnd(ring.map(([lon = 0, lat = 0]) => [lon, lat])), isClosed: true };
}

function withoutRepeatedEnd(corners: Position[]): Position[] {
  const [first, last] = [corners[0], corners[corners.length - 1]];
  const isRepeated = corners.length > FEWEST && first?.[0] === last?.[0] && first?.[1] === last?.[1];
  return isRepeated ? corners.slice(0, -1) : corners;
}

function isOnEarth(lat: number | undefined, lon: number | undefined): boolean {
  return Math.abs(lat ?? NaN) <= 90 && Math.abs(lon ?? NaN) <= 180;
}
