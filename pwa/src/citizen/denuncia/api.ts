/** The shapes of denuncias and quejas in the public API. */
import type { FieldError, Linea, Recibida } from "../shared/api";

export interface Asunto {
  codigo: string;
  nombre: string;
  ayuda: string;
  tipo: "denuncia" | "queja";
  icono: string;
  sensible: boolean;
  plazo_dias: number;
  linea: Linea | null;
}
export interface Desvio {
  codigo: string;
  nombre: string;
  texto: string;
  linea: Linea | null;
  ir_a: "alerta" | "comisaria" | null;
}
export interface Offered { asuntos: Asunto[]; desvios: Desvio[] }

export interface DenunciaRecibida extends Recibida {
  vence_el: string | null;
  /** When what waits for the change of shift goes on to its unit. */
  pasa_en?: string | null;
  avisos: FieldError[];
  constancia: boolean;
}
