/** What the server wrote into the page for the scripts. */
import type { Offered } from "../denuncia/api";
import type { Categoria } from "./api";

interface PageData {
  categorias?: Categoria[];
  denuncia?: Offered;
  mapa?: { lat: number; lon: number; zoom: number };
}

const PACIFIC_COAST = { lat: -12.05, lon: -77.05, zoom: 10 };

function pageData(): PageData {
  const holder = document.getElementById("datos-pagina");
  return holder ? (JSON.parse(holder.textContent ?? "{}") as PageData) : {};
}

export const categoriesOfPage = (): Categoria[] => pageData().categorias ?? [];
export const offeredOfPage = (): Offered | null => pageData().denuncia ?? null;
export const startOfMaps = (): { lat: number; lon: number; zoom: number } => pageData().mapa ?? PACIFIC_COAST;
