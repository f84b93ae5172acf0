/** Finds the phone's position for a report that wants it. */
import { useEffect } from "preact/hooks";
import { findPosition } from "../shared/position";
import type { Place, Report } from "./report";

/** Searches while the photo is taken; again when the person asks to use the position; never for sensible matters. */
export function usePosition(report: Report | null, changePlace: (changes: Partial<Place>) => void): void {
  const wanted = report !== null && !report.category.sensible && report.place.mode === "gps" && !report.place.problem;
  useEffect(() => {
    if (!wanted) return;
    return findPosition(
      (gps) => changePlace({ gps }),
      (problem) => changePlace({ problem, mode: "referencia" }),
    );
  }, [wanted]);
}
