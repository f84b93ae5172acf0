/** What the person has said so far, and how it becomes the `datos` of the API. */
import type { Categoria, Datos, Lugar } from "../shared/api";
import { isNotYet } from "../shared/clock";
import type { Photo } from "../shared/photos";
import type { Position, PositionProblem } from "../shared/position";

export type PlaceMode = "gps" | "mapa" | "celda" | "referencia";

export interface Place {
  mode: PlaceMode;
  gps: Position | null;
  problem: PositionProblem | null;
  point: { lat: number; lon: number } | null;
  cell: string | null;
  district: string;
  ubigeo: string | null;
  reference: string;
}

export interface Report {
  category: Categoria;
  photos: Photo[];
  place: Place;
  description: string;
  isOngoing: boolean;
  /** As a datetime-local field holds it: the phone's own clock, no zone. */
  happenedAt: string;
}

export function blankPlace(isSensible: boolean): Place {
  return {
    mode: isSensible ? "referencia" : "gps",
    gps: null, problem: null, point: null, cell: null, district: "", ubigeo: null, reference: "",
  };
}

export function blankReport(category: Categoria): Report {
  return { category, photos: [], place: blankPlace(category.sensible), description: "", isOngoing: true, happenedAt: "" };
}

/** null while there is no place to send: the caller says so at the field. */
export function lugarOf(place: Place, isSensible: boolean): Lugar | null {
  const reference = place.reference.trim();
  const district = place.ubigeo ?? place.district.trim();
  const written = {
    ...(district ? { distrito: district } : {}),
    ...(reference ? { referencia: reference } : {}),
  };
  if (place.mode === "celda" && place.cell) return { origen: "celda", celda: place.cell, ...written };
  if (place.mode === "referencia") {
    const isEnough = reference.length > 2 && district !== "";
    return isEnough ? { origen: "referencia", ...written } : null;
  }
  // A sensible matter never carries a point, whatever the screen held before.
  if (isSensible) return null;
  const extra = reference ? { referencia: reference } : {};
  if (place.mode === "mapa" && place.point) return { origen: "mapa", ...place.point, ...extra };
  if (place.mode === "gps" && place.gps) {
    const { lat, lon, precision } = place.gps;
    return { origen: "gps", lat, lon, precision_m: precision, ...extra };
  }
  return null;
}

/** null where no moment was given, and nothing may be claimed for its author. */
function typedMoment({ category, isOngoing, happenedAt }: Report): Date | null {
  const moment = new Date(happenedAt);
  return category.tipo !== "hecho" || isOngoing || Number.isNaN(moment.getTime()) ? null : moment;
}

/** Only what is typed: what the phone's clock fills in is taken however wrong it is. */
export function isTypedTooLate(report: Report, now: Date): boolean {
  const moment = typedMoment(report);
  return moment !== null && isNotYet(moment, now);
}

export function datosOf(report: Report, lugar: Lugar, now: Date): Datos {
  const moment = report.isOngoing ? now : typedMoment(report);
  const description = report.description.trim();
  return {
    categoria: report.category.codigo,
    lugar,
    ...(moment ? { ocurrido_en: withOffset(moment) } : {}),
    en_curso: report.isOngoing,
    ...(description ? { descripcion: description } : {}),
  };
}

/** RFC 3339 with the phone's own offset. */
export function withOffset(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  const local = new Date(date.getTime() + minutes * 60_000).toISOString().slice(0, 19);
  const two = (value: number): string => String(Math.abs(value)).padStart(2, "0");
  return `${local}${minutes < 0 ? "-" : "+"}${two(Math.trunc(minutes / 60))}:${two(minutes % 60)}`;
}
