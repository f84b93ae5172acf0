/** What is wrong with an answer, in the schema's own words, and what only deserves a second look. */
import { validate } from "@cfworker/json-schema";
import type { OutputUnit, Schema as CheckedSchema } from "@cfworker/json-schema";
import { isNotYet } from "../shared/clock";
import { t } from "../shared/texts";
import { schemaAt, startsWith, structuredCopy } from "./schema";
import type { Path, Schema } from "./schema";
import { d } from "./texts";

/** By path ("celulares.0.imei"), the first message of each field. */
export type Errors = Record<string, string>;

/** These only say that something below them is wrong. */
const CONTAINERS = new Set(["properties", "items", "allOf", "if", "then", "else", "prefixItems", "dependentSchemas"]);

/** Without a `now` that is sure, no day is too late. */
export function errorsOf(root: Schema, datos: unknown, now: Date | null = null): Errors {
  const { errors } = validate(datos, structuredCopy(root) as CheckedSchema, "2020-12", undefined, false);
  const found: Errors = {};
  for (const unit of meaningful(errors)) {
    const path = pathOf(unit);
    found[path.join(".")] ??= messageOf(root, unit, path);
  }
  return { ...found, ...outOfOrder(root, datos), ...(now ? notYet(root, datos, now) : {}) };
}

/** Of a choice among alternatives the choice itself speaks, not each alternative. */
function meaningful(errors: OutputUnit[]): OutputUnit[] {
  const choices = errors.filter(({ keyword }) => keyword === "anyOf" || keyword === "oneOf").map((one) => `${one.keywordLocation}/`);
  return errors.filter(({ keyword, keywordLocation }) =>
    !CONTAINERS.has(keyword) && !choices.some((choice) => keywordLocation.startsWith(choice)));
}

function pathOf({ instanceLocation, keyword, error }: OutputUnit): string[] {
  const path = instanceLocation.split("/").slice(1).map(unescaped);
  // The validator names a missing property only in its sentence.
  const missing = keyword === "required" || keyword === "dependentRequired" ? missingIn(error) : null;
  return missing ? [...path, missing] : path;
}

function missingIn(error: string): string | null {
  const quoted = [...error.matchAll(/"([^"]+)"/g)];
  return quoted[quoted.length - 1]?.[1] ?? null;
}

function messageOf(root: Schema, { keyword, keywordLocation }: OutputUnit, path: Path): string {
  const kind = keyword === "dependentRequired" ? "required" : keyword;
  const node = nodeAt(root, keywordLocation);
  const field = schemaAt(root, path);
  // A half-typed moment breaks the format, and the schema's words about it are for programs.
  if (kind === "format" && field?.["x-campo"] === "fecha_hora") return d.when.incomplete;
  const own = node === schemaAt(root, kind === "required" ? path.slice(0, -1) : path) ? undefined : node?.["x-mensajes"]?.[kind];
  return own ?? field?.["x-mensajes"]?.[kind] ?? node?.["x-mensajes"]?.[kind]
    ?? d.errors[kind]?.(field?.title ?? "") ?? d.errors.other;
}

/** The schema that holds the keyword: "#/allOf/0/then/required" is about the `then`. */
function nodeAt(root: Schema, location: string): Schema | undefined {
  return location.split("/").slice(1, -1).map(unescaped).reduce<unknown>(
    (node, part) => (node as Record<string, unknown> | undefined)?.[part], root,
  ) as Schema | undefined;
}

const unescaped = (part: string): string => decodeURIComponent(part).replace(/~1/g, "/").replace(/~0/g, "~");

/** `x-no-antes-de`: the end of a stretch of time is not before its beginning. */
function outOfOrder(schema: Schema, datos: unknown, above: Path = []): Errors {
  const found: Errors = {};
  for (const [key, field] of Object.entries(schema.properties ?? {})) {
    const value = (datos as Record<string, unknown> | undefined)?.[key];
    const start = (datos as Record<string, unknown> | undefined)?.[field["x-no-antes-de"] ?? ""];
    if (typeof value === "string" && typeof start === "string" && new Date(value) < new Date(start))
      found[[...above, key].join(".")] = field["x-mensajes"]?.["x-no-antes-de"] ?? d.errors.other;
    if (field.properties) Object.assign(found, outOfOrder(field, value, [...above, key]));
  }
  return found;
}

/** A past fact on a day to come; an end is only late with its beginning, which is where the slip is. */
function notYet(schema: Schema, datos: unknown, now: Date, above: Path = []): Errors {
  const fields = Object.entries(schema.properties ?? {});
  const valueOf = (key: string): unknown => (datos as Record<string, unknown> | undefined)?.[key];
  const late = fields.filter(([key, field]) => field["x-avisos"]?.includes("fecha_futura") && isNotYet(new Date(String(valueOf(key))), now));
  const keys = late.map(([key]) => key);
  const told = late.filter(([, field]) => !keys.includes(field["x-no-antes-de"] ?? "")).map(([key]) => [[...above, key].join("."), t.notYet]);
  return fields.reduce<Errors>(
    (found, [key, field]) => (field.properties ? { ...found, ...notYet(field, valueOf(key), now, [...above, key]) } : found),
    Object.fromEntries(told) as Errors,
  );
}

/** Those of one screen. */
export function errorsUnder(errors: Errors, fields: readonly Path[]): Errors {
  return Object.fromEntries(Object.entries(errors).filter(([key]) => {
    const path = key.split(".");
    return fields.some((field) => startsWith(path, field) || startsWith(field, path));
  }));
}

/** "datos.celulares[0].imei" of an answer as the path that this side uses. */
export function pathOfCampo(campo: string): string {
  return campo.replace(/\[(\d+)\]/g, ".$1").replace(/^datos\./, "");
}

/** Said beside the field; nobody is kept from going on. */
export function warningsOf(schema: Schema, datum: unknown, now: Date): string[] {
  return (schema["x-avisos"] ?? []).filter((name) => WARNINGS[name]?.(String(datum ?? ""), now)).map((name) => d.warnings[name] ?? "");
}

const WARNINGS: Record<string, (text: string, now: Date) => boolean> = {
  imei_luhn: (text) => /^\d{15}$/.test(text) && !passesLuhn(text),
  fecha_futura: (text, now) => new Date(text) > now,
};

export function passesLuhn(digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}
