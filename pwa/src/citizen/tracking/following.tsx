/** After the 201: the case in the place of its receipt, and asking first before the receipt is lost. Nothing is stored. */
import { useEffect, useState } from "preact/hooks";
import { ApiError, call } from "../shared/api";
import type { Seguimiento } from "../shared/api";
import { Icon } from "../shared/icon";
import { Notice } from "../shared/pieces";
import { t } from "../shared/texts";
import { CaseView } from "./case";

interface Props { numero: string; clave: string; onBack: () => void }

export function Following({ numero, clave, onBack }: Props) {
  const [token, setToken] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    if (token !== null || problem !== null) return;
    let isStale = false;
    call<Seguimiento>("/api/v1/seguimiento", { numero, clave }).then(
      ({ acceso }) => { if (!isStale) setToken(acceso ?? null); },
      (error: unknown) => { if (!isStale) setProblem(error instanceof ApiError ? error.message : t.serverBusy); },
    );
    return () => { isStale = true; };
  }, [token, problem]);

  if (token !== null)
    return <CaseView token={token} backWords={t.done.backToKeys} onLeave={(expired) => { if (expired) setToken(null); else onBack(); }} />;
  return (
    <>
      <button type="button" class="enlace volver" onClick={onBack}><Icon name="arrow-left" /> {t.done.backToKeys}</button>
      {problem === null ? <p role="status">{t.loading}</p> : (
        <Notice tone="error" icon="alert-triangle" live>
          {problem} <button type="button" class="boton menor" onClick={() => setProblem(null)}>{t.what.retry}</button>
        </Notice>
      )}
    </>
  );
}

/** Begins anew; whoever has not kept number and clave is asked first. */
export function Another({ words, isKept, onAnother }: { words: string; isKept: boolean; onAnother: () => void }) {
  const [isAsking, ask] = useState(false);
  if (!isAsking || isKept)
    return <button type="button" class="boton segundo" onClick={() => { if (isKept) onAnother(); else ask(true); }}>{words}</button>;
  return (
    <Notice tone="aviso" icon="alert-triangle" live>
      <p><strong>{t.done.notKept}</strong></p>
      <div class="acciones pares">
        <button type="button" class="boton segundo" onClick={onAnother}>{t.done.notKeptGo}</button>
        <button type="button" class="boton segundo" onClick={() => ask(false)}>{t.done.notKeptStay}</button>
      </div>
    </Notice>
  );
}
