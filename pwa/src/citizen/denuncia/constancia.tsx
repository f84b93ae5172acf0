/** Brings the constancia: a PDF that needs the case's own token, so it comes as a blob. */
import { useState } from "preact/hooks";
import { ApiError, ask, call } from "../shared/api";
import type { Seguimiento } from "../shared/api";
import { AsuntoIcon } from "./icon";
import { d } from "./texts";

/** Far longer than any phone needs to begin saving. */
const KEPT_MS = 60_000;

export function ConstanciaButton({ access }: { access: () => Promise<string | undefined> }) {
  const [said, say] = useState("");
  const [isBusy, setBusy] = useState(false);
  async function bring(): Promise<void> {
    setBusy(true);
    say(d.constancia.getting);
    try {
      const answer = await ask("/api/v1/caso/constancia", undefined, await access());
      saveAs(await answer.blob(), d.constancia.file);
      say(d.constancia.done);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      say(error.status === 404 ? d.constancia.notYet : d.constancia.failed);
    } finally {
      setBusy(false);
    }
  }
  return (
    <section class="bloque">
      <h2>{d.constancia.heading}</h2>
      <p class="ayuda">{d.constancia.what}</p>
      <button type="button" class="boton segundo" disabled={isBusy} onClick={() => void bring()}>
        <AsuntoIcon name="file-download" /> {d.constancia.download}
      </button>
      <p class="ayuda" role="status">{said}</p>
    </section>
  );
}

/** A token of the case from its number and clave, which the person has just been given. */
export async function accessOf(numero: string, clave: string): Promise<string | undefined> {
  return (await call<Seguimiento>("/api/v1/seguimiento", { numero, clave })).acceso;
}

function saveAs(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  window.setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
}
