/** Hexagons as a drawing without a map: where each lies beside the others, the north above. */
import type { Celda } from "./api";

const METRES_PER_DEGREE = 111_320;
const WIDTH = 320;
const MARGIN = 6;
/** A lone zone fills no more of the drawing than this. */
const MOST_PER_METRE = 0.28;

export interface Shape { number: number; points: string; x: number; y: number; size: number }
export interface Drawing { width: number; height: number; shapes: Shape[]; metresWide: number }

type Point = [x: number, y: number];

export function drawingOf(cells: readonly Celda[]): Drawing {
  const middle = cells.reduce((sum, { centro }) => sum + centro.lat, 0) / Math.max(cells.length, 1);
  const east = Math.cos((middle * Math.PI) / 180) * METRES_PER_DEGREE;
  const flat = (lat: number, lon: number): Point => [lon * east, -lat * METRES_PER_DEGREE];
  const rings = cells.map(({ borde }) => borde.map(([lat, lon]) => flat(lat, lon)));
  const xs = rings.flat().map(([x]) => x);
  const ys = rings.flat().map(([, y]) => y);
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const [across, down] = [Math.max(...xs) - left, Math.max(...ys) - top];
  const scale = Math.min((WIDTH - 2 * MARGIN) / Math.max(across, down, 1), MOST_PER_METRE);
  const start = (WIDTH - across * scale) / 2;
  const place = ([x, y]: Point): Point => [start + (x - left) * scale, MARGIN + (y - top) * scale];
  const cellWidth = widest(rings[0] ?? []);
  return {
    width: WIDTH,
    height: Math.ceil(down * scale + 2 * MARGIN),
    metresWide: Math.round(cellWidth / 50) * 50,
    shapes: cells.map(({ centro }, index) => {
      const [x, y] = place(flat(centro.lat, centro.lon));
      const points = (rings[index] ?? []).map((point) => place(point).map((value) => value.toFixed(1)).join(",")).join(" ");
      return { number: index + 1, points, x, y, size: cellWidth * scale };
    }),
  };
}

function widest(ring: readonly Point[]): number {
  const xs = ring.map(([x]) => x);
  return xs.length ? Math.max(...xs) - Math.min(...xs) : 0;
}
