/** The form of an asunto, read from its JSON Schema alone: steps, what each field is, what is asked now. */
import { validate } from "@cfworker/json-schema";
import type { Schema as CheckedSchema } from "@cfworker/json-schema";

export interface Schema {
  title?: string;
  description?: string;
  type?: "object" | "array" | "string" | "number" | "boolean";
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  oneOf?: Schema[];
  allOf?: Schema[];
  if?: Schema;
  then?: Schema;
  else?: Schema;
  const?: unknown;
  format?: string;
  pattern?: string;
  minItems?: number;
  maxItems?: number;
  maxLength?: number;
  "x-campo"?: string;
  "x-agregar"?: string;
  "x-si"?: string;
  "x-avisos"?: string[];
  "x-normal"?: string;
  "x-no-antes-de"?: string;
  "x-mensajes"?: Record<string, string>;
  "x-pasos"?: { titulo: string; ayuda?: string; campos: string[] }[];
}

/** What a person has typed, in the shape of `datos` but with the widgets' own values at the leaves. */
export type Values = Record<string, unknown>;
export type Path = readonly (string | number)[];

export interface Step { title: string; help: string | undefined; fields: Path[] }

/** x-pasos in its order; a property that no step names still gets a screen. */
export function stepsOf(root: Schema): Step[] {
  const steps = (root["x-pasos"] ?? []).map(({ titulo, ayuda, campos }) => ({
    title: titulo, help: ayuda, fields: campos.map((campo) => campo.split(".")),
  }));
  const named = new Set(steps.flatMap(({ fields }) => fields.map(([first]) => first)));
  const forgotten = Object.entries(root.properties ?? {})
    .filter(([key, schema]) => !named.has(key) && schema.const === undefined)
    .map(([key, schema]) => ({ title: schema.title ?? key, help: undefined, fields: [[key]] }));
  return [...steps, ...forgotten];
}

/** The step that asks for what `path` names; null when none does. */
export function stepOf(steps: readonly Step[], path: Path): number | null {
  const found = steps.findIndex(({ fields }) => fields.some((field) => startsWith(path, field) || startsWith(field, path)));
  return found < 0 ? null : found;
}

export function startsWith(path: Path, start: Path): boolean {
  return start.length <= path.length && start.every((part, index) => String(part) === String(path[index]));
}

/** The schema of the field at `path`; of a list's member whatever its number. */
export function schemaAt(root: Schema, path: Path): Schema | undefined {
  return path.reduce<Schema | undefined>(
    (schema, part) => (schema?.items && /^\d+$/.test(String(part)) ? schema.items : schema?.properties?.[part]),
    root,
  );
}

/** An object's schema as it stands now: what its if/then rules add to the answers given so far. */
export function inForce(schema: Schema, datos: unknown): Schema {
  const added = rulesOf(schema).map(({ if: condition, then, else: otherwise }) =>
    holds(condition ?? {}, datos) ? then : otherwise);
  return added.reduce<Schema>((whole, extra) => (extra ? joined(whole, extra) : whole), schema);
}

function rulesOf(schema: Schema): Schema[] {
  return [schema, ...(schema.allOf ?? [])].filter((one) => one.if);
}

/** A fresh copy each time: the validator writes its own notes into what it is given. */
function holds(condition: Schema, datos: unknown): boolean {
  return validate(datos ?? {}, structuredCopy(condition) as CheckedSchema, "2020-12").valid;
}

export function structuredCopy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

function joined(whole: Schema, extra: Schema): Schema {
  const properties = { ...whole.properties };
  for (const [key, more] of Object.entries(extra.properties ?? {})) {
    const known = properties[key] ?? {};
    properties[key] = { ...known, ...more, "x-mensajes": { ...known["x-mensajes"], ...more["x-mensajes"] } };
  }
  return { ...whole, properties, required: [...(whole.required ?? []), ...(extra.required ?? [])] };
}

/** What `x-si` names must be a yes; an answer that only an if/then asks for is hidden until then; lists are offered. */
export function isAsked(schema: Schema, key: string, datos: unknown): boolean {
  const field = schema.properties?.[key];
  const only = field?.["x-si"];
  if (only !== undefined) return (datos as Values | undefined)?.[only] === true;
  const conditions = rulesOf(schema).filter(({ then }) => then?.required?.includes(key));
  if (!conditions.length || schema.required?.includes(key) || field?.type === "array") return true;
  return inForce(schema, datos).required?.includes(key) ?? false;
}

/** `[{const, title}]`: one choice out of a list. */
export function choicesOf(schema: Schema): { value: string; title: string }[] | null {
  const options = schema.oneOf?.filter((one) => one.const !== undefined) ?? [];
  return options.length ? options.map((one) => ({ value: String(one.const), title: one.title ?? String(one.const) })) : null;
}

export function valueAt(values: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], values);
}

/** A copy with one answer changed. */
export function withValue<T>(values: T, path: Path, value: unknown): T {
  const [first, ...rest] = path;
  if (first === undefined) return value as T;
  const inner = (values as Record<string, unknown> | undefined)?.[first];
  const changed = withValue(inner, rest, value);
  if (typeof first === "number") {
    const list = Array.isArray(values) ? [...(values as unknown[])] : [];
    list[first] = changed;
    return list as T;
  }
  return { ...(values as object), [first]: changed } as T;
}

export const keyOf = (path: Path): string => path.join(".");
export const idOf = (path: Path): string => `c-${path.join("-")}`;
