/** The alert's own place field inside a form; only a zone where the matter asks for care. */
import { useEffect } from "preact/hooks";
import { PlaceField } from "../alert/place_field";
import type { Place } from "../alert/report";
import { findPosition } from "../shared/position";
import type { FieldProps } from "./field_parts";
import { startPlace } from "./place";
import { startsWith, valueAt } from "./schema";

export function PlaceInput({ schema, path, ask }: FieldProps) {
  const place = (valueAt(ask.values, path) ?? startPlace()) as Place;
  const { isZoneOnly } = ask.around;
  const change = (changes: Partial<Place>): void =>
    ask.change(path, (now: Place | undefined) => ({ ...(now ?? startPlace()), ...changes }));
  const isSearching = place.mode === "gps" && !place.gps && !place.problem && !isZoneOnly;
  useEffect(() => {
    if (!isSearching) return;
    return findPosition((gps) => change({ gps }), (problem) => change({ problem, mode: "referencia" }));
  }, [isSearching]);
  const errors = Object.entries(ask.errors).filter(([key]) => startsWith(key.split("."), path))
    .map(([campo, mensaje]) => ({ campo, mensaje }));
  return (
    <PlaceField place={place} isSensible={isZoneOnly} errors={errors} onChange={change}
      heading={schema.title} care={schema.description} isDistrictEnough />
  );
}
