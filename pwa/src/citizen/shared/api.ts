/** The public API as the pages use it: shapes of design §5, problem+json, and one way to call. */
import { hear } from "./clock";
import { t } from "./texts";

export interface Linea { numero: string; nombre: string }

const COMPLAINTS_LINE = "1818";

/** Whom to call in danger: the line that takes complaints sends nobody. */
export const urgentNumber = (line: Linea | null | undefined): string =>
  !line || line.numero === COMPLAINTS_LINE ? "105" : line.numero;
export interface Categoria {
  codigo: string;
  nombre: string;
  ayuda?: string;
  tipo: "hecho" | "factor_de_riesgo";
  grupo: string;
  prioridad: number;
  icono: string;
  sensible: boolean;
  publica: boolean;
  linea: Linea | null;
}
export interface Lugar {
  origen: "gps" | "mapa" | "celda" | "referencia";
  lat?: number;
  lon?: number;
  precision_m?: number;
  celda?: string;
  distrito?: string;
  referencia?: string;
}
export interface Datos {
  categoria: string;
  lugar: Lugar;
  ocurrido_en?: string;
  en_curso: boolean;
  descripcion?: string;
}
export interface Unidad { nombre: string; telefono?: string | null }
export interface Recibida {
  numero: string;
  clave: string;
  estado: string;
  recibido_en: string;
  comisaria: Unidad | null;
}
export interface Atencion {
  comisaria: Unidad;
  atendida: boolean;
  linea: Linea | null;
}
export interface Paso { estado: string; texto: string; ocurrido_en: string }
export interface Adjunto {
  id: string;
  tipo: string;
  sha256: string;
  estado: string;
  url: string | null;
  miniatura: string | null;
}
export interface Mensaje { autor: string; texto: string; enviado_en: string }
export interface Bloque { titulo: string; grupos: { titulo: string; lineas: { titulo: string; texto: string }[] }[] }
/** What only a denuncia or queja has. */
export interface Formal {
  bloques: Bloque[];
  vence_el: string | null;
  ratificada_el: string | null;
  identidad: { reservada: boolean; abierta_veces: number; por_personas: number } | null;
  constancia: boolean;
}
export interface Caso {
  numero: string;
  tipo: string;
  categoria: string;
  estado: string;
  visto: boolean;
  /** Closed once, and open again because its author disagreed. */
  reabierto?: boolean;
  linea?: Linea | null;
  pasos: Paso[];
  comisaria: Unidad | null;
  distrito: string | null;
  lugar: { origen: string; referencia: string };
  descripcion: string;
  adjuntos: Adjunto[];
  mensajes: Mensaje[];
  puede_disentir: boolean;
  denuncia?: Formal | null;
}
export interface Seguimiento { estado: string; actualizado_el: string; acceso?: string }
export interface FieldError { campo: string; mensaje: string }

/** What went wrong, in words for the person; status 0 means no answer came. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    detail: string,
    readonly fields: FieldError[] = [],
    readonly retryAfter: number | null = null,
  ) {
    super(detail);
  }
}

export function problem(status: number, body: string, retryAfter: string | null): ApiError {
  let detail: string = status === 0 ? t.noAnswer : status === 413 ? t.tooLarge : t.serverBusy;
  let fields: FieldError[] = [];
  try {
    const parsed = JSON.parse(body) as { detail?: unknown; errores?: unknown };
    if (typeof parsed.detail === "string") detail = parsed.detail;
    if (Array.isArray(parsed.errores)) fields = parsed.errores as FieldError[];
  } catch {
    // A proxy's HTML page or nothing at all: our own words stand.
  }
  const seconds = Number.parseInt(retryAfter ?? "", 10);
  return new ApiError(status, detail, fields, Number.isNaN(seconds) ? null : seconds);
}

export async function call<T>(path: string, body?: unknown, token?: string): Promise<T> {
  const answer = await ask(path, body, token);
  return (await answer.json()) as T;
}

export async function ask(path: string, body?: unknown, token?: string): Promise<Response> {
  const headers: Record<string, string> = {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (token) headers["Authorization"] = `Bearer ${token}`;
  let answer: Response;
  try {
    answer = await fetch(path, {
      method: body === undefined ? "GET" : "POST",
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      credentials: "omit",
      cache: "no-store",
    });
  } catch {
    throw problem(0, "", null);
  }
  hear(answer.headers.get("Date"));
  if (!answer.ok) throw problem(answer.status, await answer.text(), answer.headers.get("Retry-After"));
  return answer;
}
