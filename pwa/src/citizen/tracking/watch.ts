/** Asks gently whether a person has looked: less and less often, never from a hidden page. */
import { call } from "../shared/api";
import type { Caso, Seguimiento } from "../shared/api";

const WAITS_S = [5, 10, 15, 20, 30, 30, 60];
const ACCESS_LASTS_MS = 25 * 60_000;

export function watchUntilSeen(numero: string, clave: string, onSeen: () => void): () => void {
  let timer = 0;
  let asked = 0;
  let access: { token: string; since: number } | null = null;

  async function token(): Promise<string | undefined> {
    if (!access || Date.now() - access.since > ACCESS_LASTS_MS) {
      const { acceso } = await call<Seguimiento>("/api/v1/seguimiento", { numero, clave });
      access = acceso ? { token: acceso, since: Date.now() } : null;
    }
    return access?.token;
  }
  async function look(): Promise<void> {
    try {
      const caso = document.hidden ? null : await call<Caso>("/api/v1/caso", undefined, await token());
      if (caso?.visto) return onSeen();
    } catch {
      access = null; // no line, or the server is busy: the next look may do
    }
    later();
  }
  function later(): void {
    const seconds = WAITS_S[Math.min(asked, WAITS_S.length - 1)] ?? 60;
    asked += 1;
    timer = window.setTimeout(() => void look(), seconds * 1000);
  }
  later();
  return () => window.clearTimeout(timer);
}
