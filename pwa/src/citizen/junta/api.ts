/** The juntas' part of the public API as these screens use it. */
import { call } from "../shared/api";
import type { ApiError, Categoria, Recibida, Unidad } from "../shared/api";
import { t } from "../shared/texts";

export type Clase = "delito" | "falta" | "factor_de_riesgo" | "otro";
export type Procedencia = "propia" | "vecino";

/** A category with what A 28 counts it as; the page carries them. */
export interface CategoriaDeJunta extends Categoria { clase?: Clase }

export interface Inscrita { secreto: string; vigente_hasta: string }
export interface Sesion {
  acceso: string;
  junta: { nombre: string };
  comisaria: Unidad;
  centro: { lat: number; lon: number } | null;
  /** A ubigeo. */
  distrito: string | null;
  vigente_hasta: string;
  aviso: string | null;
}
export interface InformeRecibido extends Recibida { se_sigue_por_junta: boolean }
export interface Respuesta { texto: string; escrito_el: string }
export interface Suerte {
  categoria: string;
  tipo: Clase;
  enviado_el: string;
  estado: string;
  texto: string;
  actualizado_el: string;
  logro: string | null;
  respuestas: Respuesta[];
}
export interface Suertes { informes: Suerte[]; reservados: number; cursor: string | null }
export interface Resumen { mes: string; titulo: string; lineas: string[] }
export interface TipoConfirmado { categoria: string; nombre: string; ya_lo_dijo: boolean }
export interface Celda {
  celda: string;
  centro: { lat: number; lon: number };
  borde: [lat: number, lon: number][];
  tipos: TipoConfirmado[];
}
export interface Confirmados { dia: string; celdas: Celda[]; aviso: string | null }

export const INFORMES = "/api/v1/junta/informes";
export const RESUMEN = "/api/v1/junta/resumen";
export const CONFIRMADOS = "/api/v1/junta/confirmados";

export const enrol = (codigo: string, pin: string): Promise<Inscrita> =>
  call<Inscrita>("/api/v1/junta/inscripcion", { codigo, pin });
export const openSession = (secreto: string, pin: string): Promise<Sesion> =>
  call<Sesion>("/api/v1/junta/sesion", { secreto, pin });

/** What a proxy refuses is not the server's word: no access is thrown away for it. */
export const hasEnded = (error: ApiError): boolean => error.status === 403 && error.message !== t.serverBusy;

/** What the screens behind the PIN are given: whose calls they make, and whom they tell that it is over. */
export interface Gate {
  sesion: Sesion;
  /** True when the error was the end of the session or of the access: the screen is gone then. */
  shut: (error: ApiError) => boolean;
}
