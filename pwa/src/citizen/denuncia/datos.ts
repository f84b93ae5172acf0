/** From what was typed to the `datos` of the API, and to the words of the review; the schema alone says how. */
import type { Lugar } from "../shared/api";
import type { Place } from "../alert/report";
import { accuracyWords } from "../shared/words";
import { choicesOf, inForce, isAsked } from "./schema";
import type { Schema, Values } from "./schema";
import { d } from "./texts";
import { endOf, startOf } from "./when";
import type { When } from "./when";

export interface Unit { codigo: string; nombre: string }

export interface Circumstances { isZoneOnly: boolean; now: Date }

export function datosOf(schema: Schema, values: Values, around: Circumstances): Record<string, unknown> {
  return (objectOf(schema, values, around) ?? {}) as Record<string, unknown>;
}

function datumOf(schema: Schema, value: unknown, around: Circumstances): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema["x-campo"] === "lugar") return value ? lugarOf(value as Place, around.isZoneOnly) : undefined;
  if (schema["x-campo"] === "fecha_hora") return value ? startOf(value as When) : undefined;
  if (schema["x-campo"] === "unidad") return (value as Unit | undefined)?.codigo;
  if (schema.type === "object") return objectOf(schema, (value ?? {}) as Values, around);
  if (schema.type === "array") return listOf(schema, value, around);
  if (schema.type === "boolean") return value === true || undefined;
  if (schema.type === "number") return numberOf(String(value ?? ""));
  return normal(String(value ?? ""), schema["x-normal"]) || undefined;
}

function objectOf(schema: Schema, values: Values, around: Circumstances): unknown {
  const datos: Record<string, unknown> = {};
  const entries = Object.entries(schema.properties ?? {});
  for (const [key, field] of entries) {
    const earlier = field["x-no-antes-de"];
    const datum = earlier && values[earlier]
      ? endOf(values[earlier] as When, around.now)
      : datumOf(field, values[key], around);
    // What must be there is looked into even when it is empty, so that each missing answer has its own words.
    const isNeeded = schema.required?.includes(key) && field.type === "object";
    if (datum !== undefined || isNeeded) datos[key] = datum ?? (field["x-campo"] ? {} : (objectOf(field, {}, around) ?? {}));
  }
  for (const [key] of entries) if (!isAsked(schema, key, datos)) delete datos[key];
  return Object.keys(datos).length ? datos : undefined;
}

function listOf(schema: Schema, value: unknown, around: Circumstances): unknown {
  const list = Array.isArray(value) ? (value as unknown[]) : [];
  const items = list.map((one) => datumOf(schema.items ?? {}, one, around) ?? {});
  return items.length ? items : undefined;
}

function isNothing(datum: unknown): boolean {
  return datum === undefined || (typeof datum === "object" && Object.values(datum ?? {}).every(isNothing));
}

/** Members without a word are forgotten when their screen is left. */
export function withoutEmptyMembers(schema: Schema, value: unknown, around: Circumstances): unknown {
  if (schema.type === "array" && Array.isArray(value))
    return value.filter((one) => !isNothing(datumOf(schema.items ?? {}, one, around)));
  if (schema.type !== "object" || schema["x-campo"] || !value) return value;
  const fields = Object.entries(value as Values).map(([key, inner]) => {
    const field = schema.properties?.[key];
    return [key, field ? withoutEmptyMembers(field, inner, around) : inner];
  });
  return Object.fromEntries(fields) as Values;
}

/** The same place as the alert's; a point never leaves where only a zone may. */
export function lugarOf(place: Place, isZoneOnly: boolean): Lugar | undefined {
  const referencia = place.reference.trim();
  const distrito = place.ubigeo ?? place.district.trim();
  const extra = referencia ? { referencia } : {};
  const written = { ...(distrito ? { distrito } : {}), ...extra };
  if (place.mode === "celda" && place.cell) return { origen: "celda", celda: place.cell, ...written };
  if (!isZoneOnly && place.mode === "mapa" && place.point) return { origen: "mapa", ...place.point, ...extra };
  if (!isZoneOnly && place.mode === "gps" && place.gps) {
    const { lat, lon, precision } = place.gps;
    return { origen: "gps", lat, lon, precision_m: precision, ...extra };
  }
  return distrito || referencia ? { origen: "referencia", ...written } : undefined;
}

export function normal(text: string, kind: string | undefined): string {
  const trimmed = text.trim();
  if (kind === "codigo") return trimmed.toUpperCase().replace(/[\s.\-–/]/g, "");
  if (kind === "celular") return trimmed.replace(/[\s.\-–()]/g, "").replace(/^(\+|00)?51(?=9\d{8}$)/, "");
  return trimmed;
}

/** "S/ 1,500.50", "1500,50"; what is no number stays text and is refused with words. */
export function numberOf(typed: string): number | string | undefined {
  const text = typed.trim().replace(/^(S\/\.?|US\$|\$|€)\s*/i, "").replace(/\s/g, "");
  if (!text) return undefined;
  const plain = /,\d{1,2}$/.test(text) ? text.replace(/\./g, "").replace(",", ".") : text.replace(/,/g, "");
  return /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : text;
}

export interface Row { label: string; words: string }

/** Everything said under one field, for the review. */
export function rowsOf(schema: Schema, values: unknown, around: Circumstances, label = schema.title ?? ""): Row[] {
  if (schema["x-no-antes-de"] || schema.const !== undefined) return [];
  if (schema.type === "object" && !schema["x-campo"]) return objectRows(schema, (values ?? {}) as Values, around);
  if (schema.type === "array") return listRows(schema, values, around, label);
  const words = wordsOf(schema, values, around);
  return words ? [{ label, words }] : [];
}

function objectRows(schema: Schema, values: Values, around: Circumstances): Row[] {
  const datos = objectOf(schema, values, around);
  return Object.entries(inForce(schema, datos).properties ?? {}).flatMap(([key, field]) =>
    isAsked(schema, key, datos) ? rowsOf(field, values[key], around, field.title) : []);
}

function listRows(schema: Schema, values: unknown, around: Circumstances, label: string): Row[] {
  const list = Array.isArray(values) ? (values as unknown[]) : [];
  const member = schema.items ?? {};
  if (!member.properties) {
    const words = list.map((one) => wordsOf(member, one, around)).filter(Boolean).join(". ");
    return words ? [{ label, words }] : [];
  }
  return list.flatMap((one, index) => {
    const rows = rowsOf(member, one, around);
    const words = rows.map((row) => `${row.label}: ${row.words}`).join("\n");
    return words ? [{ label: list.length > 1 ? `${member.title ?? label} ${index + 1}` : (member.title ?? label), words }] : [];
  });
}

function wordsOf(schema: Schema, value: unknown, around: Circumstances): string {
  if (value === undefined || value === null || value === "") return "";
  if (schema["x-campo"] === "lugar") return placeWords(value as Place, around.isZoneOnly);
  if (schema["x-campo"] === "fecha_hora") return whenWords(value as When);
  if (schema["x-campo"] === "unidad") return (value as Unit).nombre;
  if (schema.type === "boolean") return value === true ? d.yes : "";
  return choicesOf(schema)?.find((one) => one.value === value)?.title ?? normal(String(value), schema["x-normal"]);
}

function placeWords(place: Place, isZoneOnly: boolean): string {
  const lugar = lugarOf(place, isZoneOnly);
  if (!lugar) return "";
  const how = lugar.origen === "gps" ? d.place.gps(accuracyWords(lugar.precision_m ?? 0)) : d.place[lugar.origen];
  return [how, place.reference.trim(), lugar.distrito ? place.district.trim() : ""].filter(Boolean).join(". ");
}

export function whenWords(when: When): string {
  const from = dayAndHour(when.fecha, when.hora);
  if (!when.fecha) return "";
  if (when.modo === "parte") return `${dayAndHour(when.fecha, "")}, ${d.when.partWords[when.parte] ?? ""}`;
  return when.modo === "rango" ? d.when.between(from, dayAndHour(when.hasta.fecha, when.hasta.hora)) : from;
}

function dayAndHour(fecha: string, hora: string): string {
  const [year, month, day] = fecha.split("-");
  const date = day ? `${Number(day)}/${month}/${year}` : "";
  return [date, hora].filter(Boolean).join(", ");
}
