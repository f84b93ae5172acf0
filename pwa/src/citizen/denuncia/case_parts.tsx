/** What only a denuncia or queja shows to its author: term, who opened the identity, what was told, adding to it. */
import { useState } from "preact/hooks";
import { freezeFor, post } from "../alert/submission";
import type { Frozen } from "../alert/submission";
import { ApiError } from "../shared/api";
import type { Bloque, Caso, Formal } from "../shared/api";
import { Icon } from "../shared/icon";
import { useLeaveWarning } from "../shared/leave";
import { FieldMessage, Notice } from "../shared/pieces";
import { discardPhoto } from "../shared/photos";
import type { Photo } from "../shared/photos";
import { longDay } from "../shared/words";
import { ConstanciaButton } from "./constancia";
import { PhotoPieces } from "./photos_step";
import { d } from "./texts";

const OPEN_STATES = ["recibido", "derivado", "recibido_por_comisaria", "en_atencion"];

export function Term({ caso, formal }: { caso: Caso; formal: Formal }) {
  if (!OPEN_STATES.includes(caso.estado) || !formal.vence_el) return null;
  return <Notice tone="calma" icon="clock">{d.caso.term(longDay(formal.vence_el))}</Notice>;
}

/** The receipt, and who has seen whose name. */
export function Papers({ formal, token }: { formal: Formal; token: string }) {
  return (
    <>
      {formal.constancia && <ConstanciaButton access={() => Promise.resolve(token)} />}
      <section class="bloque">
        <h2>{d.caso.identity}</h2>
        <p>{identityWords(formal.identidad)}</p>
        {formal.identidad && <p class="ayuda">{formal.identidad.reservada ? d.caso.reserved : d.caso.notReserved}</p>}
        {formal.ratificada_el && <p class="estado-lugar"><Icon name="check" /> {d.caso.ratified(longDay(formal.ratificada_el))}</p>}
      </section>
    </>
  );
}

function identityWords(identity: Formal["identidad"]): string {
  if (!identity) return d.caso.noIdentity;
  if (identity.abierta_veces === 0) return d.caso.neverOpened;
  return d.caso.opened(identity.abierta_veces, identity.por_personas);
}

/** The form as the case keeps it: a label stands where each identity was. */
export function Told({ blocks }: { blocks: Bloque[] }) {
  return (
    <>
      {blocks.map(({ titulo, grupos }) => (
        <section class="contado" key={titulo}>
          <h3>{titulo}</h3>
          {grupos.map((grupo, index) => (
            <div key={index}>
              {grupo.titulo && grupo.titulo !== titulo && <h4>{grupo.titulo}</h4>}
              <dl class="datos">
                {grupo.lineas.map((linea, at) => <div key={at}><dt>{linea.titulo}</dt><dd class="texto-libre">{linea.texto}</dd></div>)}
              </dl>
            </div>
          ))}
        </section>
      ))}
    </>
  );
}

export function More({ caso, token, onSent }: { caso: Caso; token: string; onSent: () => Promise<void> }) {
  const [text, setText] = useState("");
  const [photos, setPhotos] = useState<Photo[]>([]);
  const [error, setError] = useState<string>();
  const [said, say] = useState("");
  const [percent, setPercent] = useState<number | null>(null);
  const [frozen, setFrozen] = useState<Frozen | null>(null);
  useLeaveWarning(text.trim() !== "" || photos.length > 0);
  const isQueja = caso.tipo === "queja";

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    say("");
    if (!text.trim() && !photos.length) return setError(d.caso.moreNothing);
    const path = "/api/v1/caso/ampliaciones";
    const adding = { ...freezeFor(path, { texto: text.trim() }, photos.map(({ file }) => file), frozen), isPlainForm: true };
    setFrozen(adding);
    setPercent(0);
    try {
      await post<Caso>(adding, token, setPercent);
      photos.forEach(discardPhoto);
      setText(""); setPhotos([]); setError(undefined); setFrozen(null);
      say(d.caso.moreDone);
      await onSent();
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      setError(problem.status === 0 ? d.caso.moreFailed : (problem.fields[0]?.mensaje ?? problem.message));
    } finally {
      setPercent(null);
    }
  }
  return (
    <section class="bloque">
      <h2>{d.caso.more}</h2>
      <p class="ayuda">{isQueja ? d.caso.moreWhyQueja : d.caso.moreWhy}</p>
      <form noValidate onSubmit={(event) => void submit(event)}>
        <div class="campo">
          <label for="agregado">{d.caso.moreLabel}</label>
          <textarea id="agregado" rows={3} value={text} aria-invalid={Boolean(error)} aria-describedby="error-agregado"
            onInput={(event) => setText(event.currentTarget.value)} />
          <FieldMessage id="error-agregado" text={error} />
        </div>
        <PhotoPieces photos={photos} onPhotos={setPhotos} isSensible={isQueja} isPlain />
        <button type="submit" class="boton segundo" disabled={percent !== null}><Icon name="plus" /> {d.caso.moreButton}</button>
        <p class="ayuda" role="status">{percent === null ? said : d.caso.moreSending(percent)}</p>
      </form>
    </section>
  );
}
