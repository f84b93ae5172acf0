/** An informe while it is told: held in memory alone, also behind the closed PIN, and gone with the page. */
import { blankPlace, blankReport } from "../alert/report";
import type { Place, Report } from "../alert/report";
import type { Frozen } from "../alert/submission";
import type { Categoria, FieldError } from "../shared/api";
import { discardPhoto } from "../shared/photos";
import type { InformeRecibido, Procedencia } from "./api";

export interface Informe {
  source: Procedencia | null;
  report: Report | null;
  frozen: Frozen | null;
  isSending: boolean;
  errors: FieldError[];
  refusal: string | null;
  received: InformeRecibido | null;
  /** An attempt to send it stayed without an answer: the server may have it. */
  mayHaveArrived: boolean;
  /** Number and clave of a sensible one are noted somewhere, or need not be. */
  isKept: boolean;
}

export const BLANK: Informe = {
  source: null, report: null, frozen: null, isSending: false, errors: [], refusal: null, received: null,
  mayHaveArrived: false, isKept: true,
};

export function withCategory(informe: Informe, category: Categoria): Informe {
  const { report, source } = informe;
  if (!report) return { ...informe, report: blankInforme(category, source) };
  const isAlike = report.category.sensible === category.sensible;
  return { ...informe, report: { ...report, category, place: isAlike ? report.place : placeFor(category, source) } };
}

/** What a neighbour told did not happen where the phone is, so its place is not looked for. */
export function withSource(informe: Informe, source: Procedencia): Informe {
  const { report } = informe;
  if (!report || source === informe.source) return { ...informe, source };
  const isOfPhone = report.place.mode === "gps" || source === "propia";
  const place = isOfPhone ? { ...placeFor(report.category, source), reference: report.place.reference } : report.place;
  return { ...informe, source, report: { ...report, place } };
}

export function discard(informe: Informe): Informe {
  informe.report?.photos.forEach(discardPhoto);
  return BLANK;
}

/** What was being told when it could be told no more: for the screen alone. */
export interface Unsent { words: string; hasPhotos: boolean; mayHaveArrived: boolean }

export function unsentOf(informe: Informe): Unsent | null {
  const { report, mayHaveArrived } = informe;
  if (!report || !hasTold(informe)) return null;
  const { category, place, description, photos } = report;
  const written = [category.nombre, place.reference, place.district, description].map((words) => words.trim());
  return { words: written.filter(Boolean).join("\n"), hasPhotos: photos.length > 0, mayHaveArrived };
}

export const hasTold = ({ report, received }: Informe): boolean => report !== null && received === null;
export const hasUnread = ({ received, isKept }: Informe): boolean => received !== null && !isKept;

function blankInforme(category: Categoria, source: Procedencia | null): Report {
  return { ...blankReport(category), place: placeFor(category, source), isOngoing: source !== "vecino" };
}

function placeFor(category: Categoria, source: Procedencia | null): Place {
  const place = blankPlace(category.sensible);
  return source === "vecino" ? { ...place, mode: "referencia" } : place;
}
