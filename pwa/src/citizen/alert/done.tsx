/** After the 201: the number and the clave, how to keep them, and honestly whether anybody has looked. */
import { useEffect, useState } from "preact/hooks";
import { urgentNumber } from "../shared/api";
import type { Categoria, Recibida } from "../shared/api";
import { Icon } from "../shared/icon";
import { Notice, StepHeading, Tel } from "../shared/pieces";
import { forgetOwn, saveOwn } from "../shared/store";
import { inFours } from "../shared/numbers";
import { t } from "../shared/texts";
import { Another, Following } from "../tracking/following";
import { watchUntilSeen } from "../tracking/watch";

interface Props { received: Recibida; category: Categoria; onAnother: () => void; isKept: boolean; onKept: (isKept: boolean) => void }

export function Done({ received, category, onAnother, isKept, onKept }: Props) {
  const { numero, clave } = received;
  const [isFollowing, follow] = useState(false);
  return (
    <>
      {isFollowing && <Following numero={numero} clave={clave} onBack={() => follow(false)} />}
      <article hidden={isFollowing}>
        {!isFollowing && <StepHeading title={t.done.title}>{t.done.heading}</StepHeading>}
        <Seen received={received} line={urgentNumber(category.linea)} />
        <dl class="llaves">
          <div><dt>{t.done.number}</dt><dd id="numero">{numero}</dd></div>
          <div><dt>{t.done.clave}</dt><dd id="clave">{inFours(clave)}</dd></div>
        </dl>
        <p>{t.done.keepWhy}</p>
        <Keeping received={received} category={category} onKept={onKept} />
        <hr />
        <div class="acciones apiladas">
          {category.sensible
            ? <button type="button" class="boton segundo" onClick={() => follow(true)}>{t.done.follow}</button>
            : <a class="boton segundo" href="/seguimiento">{t.done.follow}</a>}
          <Another words={t.done.another} isKept={isKept} onAnother={onAnother} />
        </div>
        <p class="ayuda">{t.done.notADenuncia}</p>
      </article>
    </>
  );
}

export interface SeenWords { receives: string; seen: (name: string) => string; seenBySomeone: string }

/** Whether a person has looked, asked again and again; and who receives it. */
export function Seen({ received: { numero, clave, comisaria }, line, words = t.done }: { received: Recibida; line: string; words?: SeenWords }) {
  const [isSeen, setSeen] = useState(false);
  useEffect(() => watchUntilSeen(numero, clave, () => setSeen(true)), [numero, clave]);
  return (
    <>
      <div role="status">
        {isSeen ? (
          <Notice tone="bien" icon="eye">{comisaria ? words.seen(comisaria.nombre) : words.seenBySomeone}</Notice>
        ) : (
          <Notice tone="aviso" icon="eye-off"><strong>{t.done.unseen} <Tel number={line} />.</strong></Notice>
        )}
      </div>
      {comisaria && (
        <p class="recibe">
          {words.receives} <strong>{comisaria.nombre}</strong>
          {comisaria.telefono && <> · <Tel number={comisaria.telefono} /></>}
        </p>
      )}
    </>
  );
}

interface Kept { received: Recibida; category: Pick<Categoria, "nombre" | "sensible">; onKept: (isKept: boolean) => void }

export function Keeping({ received, category, onKept }: Kept) {
  const { numero, clave, recibido_en: fecha } = received;
  const [said, say] = useState("");
  const [isSaved, setSaved] = useState(false);
  const text = t.done.shareText(numero, inFours(clave), `${location.origin}/seguimiento`);

  function save(): void {
    const worked = saveOwn({ numero, clave, nombre: category.nombre, fecha });
    setSaved(worked);
    say(worked ? "" : t.done.saveFailed);
    onKept(worked);
  }
  function forget(): void {
    forgetOwn(numero);
    setSaved(false);
    say(t.done.forgotten);
    onKept(false);
  }
  useEffect(() => {
    if (category.sensible) onKept(false);
    else save();
  }, []);
  const copyIt = async (): Promise<void> => {
    const worked = await copy(text);
    say(worked ? t.done.copied : t.done.copyFailed);
    if (worked) onKept(true);
  };

  return (
    <>
      <div class="acciones pares">
        <button type="button" class="boton segundo" onClick={() => void copyIt()}>
          <Icon name="copy" /> {t.done.copy}
        </button>
        {"share" in navigator && (
          <button type="button" class="boton segundo" onClick={() => void navigator.share({ text }).then(() => onKept(true), () => undefined)}>
            <Icon name="share" /> {t.done.share}
          </button>
        )}
      </div>
      <p class="ayuda" role="status">{said}</p>
      {isSaved ? (
        <p class="guardado">
          <Icon name="check" /> <span>{t.done.savedHere}</span>
          <button type="button" class="enlace" onClick={forget}>{t.done.forget}</button>
        </p>
      ) : (
        <>
          {category.sensible && <Notice tone="calma" icon="shield-check">{t.done.notSaved}</Notice>}
          <button type="button" class="boton menor" onClick={save}><Icon name="device-floppy" /> {t.done.save}</button>
        </>
      )}
      <p class="ayuda">{t.done.screenshot}</p>
    </>
  );
}

export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
