/** One case as its author sees it: steps, who attends it, photos, the thread, and disagreeing with a closure. */
import { useCallback, useEffect, useState } from "preact/hooks";
import { ApiError, ask, call } from "../shared/api";
import type { Adjunto, Caso, Mensaje } from "../shared/api";
import { Icon } from "../shared/icon";
import { FieldMessage, Notice, StepHeading, Tel } from "../shared/pieces";
import { t } from "../shared/texts";
import { clockWords, momentWords, stateWords } from "../shared/words";

const LOOK_AGAIN_MS = 15_000;

interface View { token: string; onLeave: (expired: boolean) => void; backWords?: string }

export function CaseView({ token, onLeave, backWords = t.caso.another }: View) {
  const [caso, setCaso] = useState<Caso | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [readAt, setReadAt] = useState(new Date());
  const formal = useFormal(caso);

  const read = useCallback(async (): Promise<void> => {
    try {
      setCaso(await call<Caso>("/api/v1/caso", undefined, token));
      setReadAt(new Date());
      setProblem(null);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 401 || error.status === 403) onLeave(true);
      else setProblem(error.message);
    }
  }, [token]);

  useEffect(() => {
    void read();
    const timer = window.setInterval(() => document.hidden || void read(), LOOK_AGAIN_MS);
    return () => window.clearInterval(timer);
  }, [read]);

  return (
    <article>
      <button type="button" class="enlace volver" onClick={() => onLeave(false)}><Icon name="arrow-left" /> {backWords}</button>
      {problem && <Notice tone="error" icon="alert-triangle" live>{problem}</Notice>}
      {!caso ? <p role="status">{t.loading}</p> : (
        <>
          <StepHeading title={t.caso.title}>{t.caso.heading(caso.numero)}</StepHeading>
          {caso.denuncia && <p class="paso">{caso.categoria}</p>}
          <div class="fila-estado">
            <span class={`chapa estado-${caso.estado}`}>{caseStateWords(caso)}</span>
            <span class="ayuda">{t.caso.updated(clockWords(readAt))}</span>
            <button type="button" class="enlace" onClick={() => void read()}><Icon name="refresh" /> {t.caso.refresh}</button>
          </div>
          <div role="status">{!caso.visto && <Unseen caso={caso} />}</div>
          {formal && caso.denuncia && <formal.Term caso={caso} formal={caso.denuncia} />}
          <Unit caso={caso} />
          <Steps caso={caso} />
          {formal && caso.denuncia && <formal.Papers formal={caso.denuncia} token={token} />}
          <Sent caso={caso} token={token} formal={formal} />
          {formal && caso.denuncia && <formal.More caso={caso} token={token} onSent={read} />}
          <Thread caso={caso} token={token} onSent={read} />
          {caso.puede_disentir && <Disagree token={token} onSent={read} />}
        </>
      )}
    </article>
  );
}

type FormalModule = typeof import("../denuncia/case_parts");

/** What only a denuncia or queja needs, fetched when one is open. */
function useFormal(caso: Caso | null): FormalModule | null {
  const [formal, setFormal] = useState<FormalModule | null>(null);
  const isFormal = Boolean(caso?.denuncia);
  useEffect(() => {
    if (isFormal) import("../denuncia/case_parts").then(setFormal, () => undefined);
  }, [isFormal]);
  return formal;
}

function caseStateWords({ estado, tipo, denuncia }: Caso): string {
  const own = (tipo === "queja" ? t.statesOfUnit[estado] : undefined) ?? (denuncia ? t.statesFormal[estado] : undefined);
  return own ?? stateWords(estado);
}

function Unseen({ caso: { reabierto, linea } }: { caso: Caso }) {
  return <Notice tone="aviso" icon="eye-off"><strong>{reabierto ? t.done.again : t.done.unseen} <Tel number={linea?.numero ?? "105"} />.</strong></Notice>;
}

function Unit({ caso: { comisaria } }: { caso: Caso }) {
  if (!comisaria) return null;
  return (
    <section class="bloque">
      <h2>{t.caso.comisaria}</h2>
      <p><strong>{comisaria.nombre}</strong></p>
      {comisaria.telefono && (
        <a class="boton segundo" href={`tel:${comisaria.telefono.replace(/[^\d+]/g, "")}`}>
          <Icon name="phone" /> {t.caso.callUnit(comisaria.telefono)}
        </a>
      )}
    </section>
  );
}

function Steps({ caso: { pasos, denuncia } }: { caso: Caso }) {
  return (
    <section class="bloque">
      <h2>{denuncia ? t.caso.stepsFormal : t.caso.steps}</h2>
      <ol class="pasos">
        {pasos.map((paso, index) => (
          <li key={index} class={index === pasos.length - 1 ? "ultimo" : undefined}>
            <time dateTime={paso.ocurrido_en}>{momentWords(paso.ocurrido_en)}</time>
            {/* A denuncia goes through many acts in one state: the act is what is told. */}
            {denuncia ? <strong>{paso.texto}</strong> : <strong>{stateWords(paso.estado)}</strong>}
            {!denuncia && paso.texto && paso.texto !== stateWords(paso.estado) && <p>{paso.texto}</p>}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Sent({ caso, token, formal }: { caso: Caso; token: string; formal: FormalModule | null }) {
  const lugar = caso.denuncia?.identidad?.reservada ? t.caso.placeReserved : placeWords(caso.lugar);
  return (
    <section class="bloque">
      <h2>{t.caso.sent}</h2>
      <dl class="datos">
        {caso.distrito && <div><dt>{t.caso.district}</dt><dd>{caso.distrito}</dd></div>}
        {lugar && <div><dt>{t.caso.place}</dt><dd>{lugar}</dd></div>}
        {caso.descripcion && !caso.denuncia && <div><dt>{t.caso.description}</dt><dd class="texto-libre">{caso.descripcion}</dd></div>}
      </dl>
      {formal && caso.denuncia && <formal.Told blocks={caso.denuncia.bloques} />}
      {caso.adjuntos.length > 0 && (
        <ul class="fotos">
          {caso.adjuntos.map((one, index) => <li key={one.id}><CasePhoto photo={one} number={index + 1} token={token} /></li>)}
        </ul>
      )}
    </section>
  );
}

function placeWords({ origen, referencia }: Caso["lugar"]): string {
  return [t.caso.places[origen], referencia].filter(Boolean).join(". ");
}

/** A photo needs the token in a header, so it comes as a blob and not by its address. */
function CasePhoto({ photo, number, token }: { photo: Adjunto; number: number; token: string }) {
  const [shown, setShown] = useState<string | null>(null);
  const [failed, setFailed] = useState(photo.estado === "no_se_pudo");
  const [isWhole, showWhole] = useState(false);
  const address = isWhole ? photo.url : (photo.miniatura ?? photo.url);
  useEffect(() => {
    if (!address) return;
    let made: string | null = null;
    let isStale = false;
    ask(address, undefined, token)
      .then((answer) => answer.blob())
      .then((blob) => { if (!isStale) setShown((made = URL.createObjectURL(blob))); }, () => setFailed(true));
    return () => { isStale = true; if (made) URL.revokeObjectURL(made); };
  }, [address, token]);
  if (failed) return <p class="ayuda">{t.caso.photoFailed}</p>;
  if (!shown) return <p class="ayuda">{t.caso.photoPending}</p>;
  return (
    <button type="button" class={isWhole ? "foto entera" : "foto"} aria-expanded={isWhole} onClick={() => showWhole(!isWhole)}>
      <img src={shown} alt={t.caso.photo(number)} />
    </button>
  );
}

function Thread({ caso: { mensajes, tipo }, token, onSent }: { caso: Caso; token: string; onSent: () => Promise<void> }) {
  const isQueja = tipo === "queja";
  return (
    <section class="bloque">
      <h2>{isQueja ? t.caso.messagesUnit : t.caso.messages}</h2>
      {mensajes.length === 0 ? <p class="ayuda">{t.caso.noMessages}</p> : (
        <ul class="hilo" aria-live="polite">
          {mensajes.map((mensaje, index) => <Message key={index} {...mensaje} unit={isQueja ? t.caso.unitWhoever : t.caso.unit} />)}
        </ul>
      )}
      <Words path="/api/v1/caso/mensajes" field="texto" token={token} onSent={onSent}
        label={t.caso.write} button={t.caso.send} thanks={t.caso.messageSent} look="segundo" />
    </section>
  );
}

function Message({ autor, texto, enviado_en, unit }: Mensaje & { unit: string }) {
  const isOwn = autor === "ciudadano";
  return (
    <li class={isOwn ? "propio" : "ajeno"}>
      <p class="ayuda">{isOwn ? t.caso.you : unit} · {momentWords(enviado_en)}</p>
      <p class="texto-libre">{texto}</p>
    </li>
  );
}

function Disagree({ token, onSent }: { token: string; onSent: () => Promise<void> }) {
  const [isOpen, open] = useState(false);
  return (
    <section class="bloque">
      <h2>{t.caso.disagree}</h2>
      <p>{t.caso.disagreeWhy}</p>
      {isOpen ? (
        <Words path="/api/v1/caso/disconformidad" field="motivo" token={token} onSent={onSent}
          label={t.caso.disagreeReason} button={t.caso.disagreeSend} thanks={t.caso.disagreed} look="principal" />
      ) : (
        <button type="button" class="boton segundo" onClick={() => open(true)}>{t.caso.disagree}</button>
      )}
    </section>
  );
}

function Words({ path, field, token, onSent, label, button, thanks, look }: {
  path: string; field: string; token: string; onSent: () => Promise<void>;
  label: string; button: string; thanks: string; look: string;
}) {
  const [text, setText] = useState("");
  const [error, setError] = useState<string>();
  const [said, say] = useState("");
  const [isBusy, setBusy] = useState(false);
  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    say("");
    if (!text.trim()) return setError(t.caso.required);
    setBusy(true);
    try {
      await ask(path, { [field]: text.trim() }, token);
      setText("");
      setError(undefined);
      say(thanks);
      await onSent();
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      setError(problem.fields[0]?.mensaje ?? problem.message);
    } finally {
      setBusy(false);
    }
  }
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <div class="campo">
        <label for={field}>{label}</label>
        <textarea id={field} rows={2} value={text} aria-invalid={Boolean(error)} aria-describedby={`error-${field}`}
          onInput={(event) => setText(event.currentTarget.value)} />
        <FieldMessage id={`error-${field}`} text={error} />
      </div>
      <button type="submit" class={`boton ${look}`} disabled={isBusy}><Icon name="send" /> {button}</button>
      <p class="ayuda" role="status">{said}</p>
    </form>
  );
}
