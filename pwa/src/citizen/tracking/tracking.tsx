/** Following a report: the phone's own list, or number and clave typed; then the case. */
import { useState } from "preact/hooks";
import { ApiError, call } from "../shared/api";
import type { Seguimiento } from "../shared/api";
import { normaliseClave, normaliseNumero } from "../shared/numbers";
import { Icon } from "../shared/icon";
import { FieldMessage, Notice, StepHeading } from "../shared/pieces";
import { forgetOwn, ownAlerts } from "../shared/store";
import { t } from "../shared/texts";
import { dayWords, momentWords, stateWords } from "../shared/words";
import { CaseView } from "./case";

/** In memory alone: whoever picks up the phone later finds no open case. */
interface Access { numero: string; token: string }
type Said = { numero?: string; clave?: string; whole?: string };

export function Tracking() {
  const [access, setAccess] = useState<Access | null>(null);
  const [numero, setNumero] = useState("");
  const [clave, setClave] = useState("");
  const [said, say] = useState<Said>({});
  const [isBusy, setBusy] = useState(false);
  const [publicState, setPublicState] = useState<Seguimiento | null>(null);

  async function look(typedNumber: string, typedClave: string): Promise<void> {
    setPublicState(null);
    const number = normaliseNumero(typedNumber);
    const key = typedClave.trim() ? normaliseClave(typedClave) : "";
    if (!number || key === null) {
      say({ ...(number ? {} : { numero: t.tracking.badNumber }), ...(key === null ? { clave: t.tracking.badClave } : {}) });
      document.getElementById(number ? "clave" : "numero")?.focus();
      return;
    }
    say({});
    setBusy(true);
    try {
      const answer = await call<Seguimiento>("/api/v1/seguimiento", key ? { numero: number, clave: key } : { numero: number });
      if (answer.acceso) setAccess({ numero: number, token: answer.acceso });
      else setPublicState(answer);
    } catch (error) {
      say({ whole: wordsFor(error, Boolean(key)) });
    } finally {
      setBusy(false);
    }
  }

  if (access)
    return (
      <CaseView token={access.token} onLeave={(expired) => {
        setAccess(null);
        if (expired) { setNumero(access.numero); say({ whole: t.tracking.expired }); }
      }} />
    );
  return (
    <>
      <StepHeading title={t.tracking.title}>{t.tracking.title}</StepHeading>
      <OwnList onOpen={(one) => void look(one.numero, one.clave)} />
      <form class="bloque" noValidate onSubmit={(event) => { event.preventDefault(); void look(numero, clave); }}>
        <h2>{t.tracking.typed}</h2>
        <div class="campo">
          <label for="numero">{t.tracking.number}</label>
          <input id="numero" class="codigo" autocomplete="off" autocapitalize="characters" spellcheck={false}
            placeholder="YA-XXXX-XXXX-X" value={numero} aria-invalid={Boolean(said.numero)} aria-describedby="error-numero"
            onInput={(event) => setNumero(event.currentTarget.value)} />
          <FieldMessage id="error-numero" text={said.numero} />
        </div>
        <div class="campo">
          <label for="clave">{t.tracking.clave}</label>
          <input id="clave" class="codigo" autocomplete="off" autocapitalize="characters" spellcheck={false}
            placeholder="XXXX-XXXX-XXXX-XXXX" value={clave} aria-invalid={Boolean(said.clave)} aria-describedby="error-clave ayuda-clave"
            onInput={(event) => setClave(event.currentTarget.value)} />
          <p class="ayuda" id="ayuda-clave">{t.tracking.claveHint}</p>
          <FieldMessage id="error-clave" text={said.clave} />
        </div>
        {said.whole && <Notice tone="error" icon="alert-triangle" live>{said.whole}</Notice>}
        <button type="submit" class="boton principal" disabled={isBusy}>
          <Icon name="search" /> {isBusy ? t.loading : t.tracking.search}
        </button>
      </form>
      <div role="status">
        {publicState && (
          <Notice tone="calma" icon="list-search">
            <strong>{stateWords(publicState.estado)}</strong> · {t.tracking.publicState(dayWords(publicState.actualizado_el))}
            <br />{t.tracking.withClave}
          </Notice>
        )}
      </div>
    </>
  );
}

function wordsFor(error: unknown, hadClave: boolean): string {
  if (!(error instanceof ApiError)) throw error;
  if (error.status !== 404) return error.message;
  return hadClave ? t.tracking.notFound : t.tracking.notFoundAlone;
}

function OwnList({ onOpen }: { onOpen: (one: { numero: string; clave: string }) => void }) {
  const [own, setOwn] = useState(ownAlerts);
  if (!own.length) return null;
  return (
    <section class="bloque">
      <h2>{t.tracking.own}</h2>
      <ul class="lista">
        {own.map((one) => (
          <li key={one.numero}>
            <button type="button" class="fila" onClick={() => onOpen(one)}>
              <strong>{one.nombre}</strong>
              <span class="codigo">{one.numero}</span>
              <span class="ayuda">{momentWords(one.fecha)}</span>
            </button>
            <button type="button" class="boton menor solo-icono" aria-label={t.tracking.forgetOne(one.numero)}
              onClick={() => { forgetOwn(one.numero); setOwn(ownAlerts()); }}>
              <Icon name="trash" />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
