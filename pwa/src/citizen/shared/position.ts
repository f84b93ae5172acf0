/** Where the phone is, asked once with a limit of time; never asked for sensible matters. */

export interface Position { lat: number; lon: number; precision: number }
export type PositionProblem = "denied" | "unavailable";

const PATIENCE_MS = 15_000;
const GOOD_ENOUGH_M = 30;

/** Calls back with each better fix, then stops at a good one or when patience ends. Returns how to stop. */
export function findPosition(
  onFix: (position: Position) => void,
  onProblem: (problem: PositionProblem) => void,
): () => void {
  if (!navigator.geolocation || !window.isSecureContext) {
    onProblem("unavailable");
    return () => undefined;
  }
  let best = Infinity;
  let limit: number | undefined;
  const stop = (): void => {
    navigator.geolocation.clearWatch(watch);
    window.clearTimeout(limit);
  };
  const watch = navigator.geolocation.watchPosition(
    ({ coords }) => {
      if (coords.accuracy >= best) return;
      best = coords.accuracy;
      onFix({ lat: round(coords.latitude), lon: round(coords.longitude), precision: Math.round(coords.accuracy) });
      if (best <= GOOD_ENOUGH_M) stop();
    },
    (error) => {
      if (best < Infinity) return;
      stop();
      onProblem(error.code === error.PERMISSION_DENIED ? "denied" : "unavailable");
    },
    { enableHighAccuracy: true, timeout: PATIENCE_MS, maximumAge: 60_000 },
  );
  limit = window.setTimeout(stop, PATIENCE_MS + 5_000);
  return stop;
}

export function round(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6;
}
