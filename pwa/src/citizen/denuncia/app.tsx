/** The way of a denuncia or queja: choose, answer step by step, review, send. Holds what was said until a 201. */
import { useEffect, useLayoutEffect, useMemo, useState } from "preact/hooks";
import { Sending } from "../alert/sending";
import { freezeFor } from "../alert/submission";
import type { Frozen } from "../alert/submission";
import { ApiError, call, urgentNumber } from "../shared/api";
import { surelyNow } from "../shared/clock";
import { useLeaveWarning } from "../shared/leave";
import { Notice, Tel } from "../shared/pieces";
import { discardPhoto } from "../shared/photos";
import type { Photo } from "../shared/photos";
import { t } from "../shared/texts";
import type { Asunto, DenunciaRecibida, Offered } from "./api";
import { errorsOf, errorsUnder, pathOfCampo } from "./check";
import type { Errors } from "./check";
import { Choose } from "./choose";
import { datosOf, withoutEmptyMembers } from "./datos";
import { SLOTS, discardDraft, readDraft, slotOf, writeDraft } from "./draft";
import type { Draft, Slot } from "./draft";
import type { Asking } from "./field_parts";
import { Keep } from "./keep";
import { PhotoPieces } from "./photos_step";
import { Received } from "./received";
import { Review } from "./review";
import { schemaAt, startsWith, stepOf, stepsOf, valueAt, withValue } from "./schema";
import type { Path, Schema, Values } from "./schema";
import { Screen, StepScreen } from "./step_screen";
import type { Way } from "./step_screen";
import { AsuntoIcon } from "./icon";
import { d } from "./texts";
import { CHOOSING, here, useWay } from "./way";

const SENT_TO = "/api/v1/denuncias";

/** What was typed; a reserved matter never shares it with an ordinary one. */
interface Typed { values: Values; photos: Photo[]; isKept: boolean; lostPhotos: boolean }
type Both = Record<Slot, Typed>;

export default function Denuncia({ known }: { known: Offered | null }) {
  const [offered, failed, reload] = useLoaded<Offered>(known, "/api/v1/asuntos");
  if (failed) return <Failed words={d.choose.failed} onRetry={reload} />;
  if (!offered) return <p role="status">{d.choose.loading}</p>;
  return <Denouncing offered={offered} />;
}

function Denouncing({ offered }: { offered: Offered }) {
  const [step, goTo, back] = useWay();
  const [asunto, setAsunto] = useState<Asunto | null>(() => resumed(offered));
  const [both, setBoth] = useState<Both>(stored);
  const [drafts, setDrafts] = useState(findDrafts);
  const [errors, setErrors] = useState<Errors>({});
  const [refusal, setRefusal] = useState<string | null>(null);
  const [frozen, setFrozen] = useState<Frozen | null>(null);
  const [isSending, setSending] = useState(false);
  const [received, setReceived] = useState<DenunciaRecibida | null>(null);
  const [isKeyKept, setKeyKept] = useState(true);
  const [isFromReview, setFromReview] = useState(false);
  const [isFull, setFull] = useState(false);
  const [isErased, setErased] = useState(false);
  const [tries, setTries] = useState(0);

  const isSensible = asunto?.sensible ?? false;
  const slot = slotOf(isSensible);
  const go = (next: number): void => goTo(next, slot);
  const { values, photos, isKept, lostPhotos } = both[slot];
  const around = { isZoneOnly: isSensible, now: useMemo(() => new Date(), [step]) };
  const hasTyped = Object.keys(values).length > 0 || photos.length > 0;
  const change = (path: Path, value: unknown): void => {
    setTyped(slot, (now) => ({ ...now, values: changed(now.values, path, value) }));
    setErrors((now) => without(now, path));
  };
  const setTyped = (which: Slot, alter: (now: Typed) => Typed): void =>
    setBoth((now) => ({ ...now, [which]: alter(now[which]) }));

  const [schema, schemaFailed, reloadSchema] = useForm(asunto);
  useLeaveWarning(isSending || (received !== null && !isKeyKept) || (!received && hasTyped && (!isKept || isFull || photos.length > 0)));
  // Before the next paint: a tab that is killed or reloaded right after a letter still has it.
  useLayoutEffect(() => {
    if (!asunto || received || !hasTyped || !isKept) return;
    setFull(!writeDraft(slot, { asunto: asunto.codigo, values, step: Math.max(step, 0), photos: lostPhotos ? 1 : photos.length, at: Date.now() }));
  }, [asunto, values, photos.length, isKept, step, received]);

  function choose(chosen: Asunto): void {
    const told = asunto && !asunto.sensible ? both.ordinary.values["hecho"] : undefined;
    if (chosen.sensible && told) {
      // What was told just now is a queja: of that nothing stays on the phone unasked.
      discardDraft("ordinary");
      // It need not be told again; a place may be a point, so it stays behind.
      if (!Object.keys(both.reserved.values).length)
        setTyped("reserved", (now) => ({ ...now, values: { hecho: { ...(told as Values), lugar: undefined } } }));
    }
    setAsunto(chosen); setErrors({}); setRefusal(null); setFromReview(false); setErased(false);
    goTo(0, slotOf(chosen.sensible));
  }
  function discard(which: Slot): void {
    both[which].photos.forEach(discardPhoto);
    discardDraft(which);
    setTyped(which, () => blank(which));
    setDrafts(findDrafts());
    setErased(true);
  }
  function startAgain(): void {
    discard(slot);
    setAsunto(null); setFrozen(null); setReceived(null); setErrors({}); setRefusal(null); setKeyKept(true); setFromReview(false);
    go(CHOOSING);
  }

  if (received && asunto)
    return <Narrow><Received received={received} asunto={asunto} onAnother={() => { startAgain(); setErased(false); }} isKept={isKeyKept} onKept={setKeyKept} /></Narrow>;
  if (!asunto || step === CHOOSING) {
    const unfinished = drafts.flatMap(({ asunto: codigo, step: left }) => {
      const about = offered.asuntos.find((one) => one.codigo === codigo);
      if (!about) return [];
      return [{
        asunto: about,
        onGo: () => { setAsunto(about); setDrafts([]); goTo(left, slotOf(about.sensible)); },
        onDiscard: () => discard(slotOf(about.sensible)),
      }];
    });
    return <Choose offered={offered} unfinished={unfinished} isErased={isErased} onChoose={choose} />;
  }
  if (schemaFailed) return <Failed words={d.choose.formFailed} onRetry={reloadSchema} />;
  if (!schema) return <p role="status">{d.choose.loading}</p>;

  const root: Schema = schema;
  const steps = stepsOf(root);
  const photosAt = steps.length;
  const reviewAt = steps.length + 1;
  const datos = datosOf(root, values, around);

  function next(): void {
    const current = steps[step];
    if (!current) return arrive();
    const tidied = current.fields.reduce((now, path) => {
      const field = schemaAt(root, path);
      return field && valueAt(now, path) !== undefined ? withValue(now, path, withoutEmptyMembers(field, valueAt(now, path), around)) : now;
    }, values);
    setTyped(slot, (now) => ({ ...now, values: tidied }));
    const wrong = errorsUnder(errorsOf(root, datosOf(root, tidied, around), surelyNow()), current.fields);
    if (Object.keys(wrong).length === 0) return arrive();
    setErrors(wrong);
    setTries(tries + 1);
  }
  function arrive(): void {
    setErrors({});
    go(isFromReview ? reviewAt : step + 1);
    setFromReview(false);
  }
  function send(): void {
    const wrong = errorsOf(root, datos, surelyNow());
    if (Object.keys(wrong).length) return showWrong(wrong, null);
    setRefusal(null);
    setFrozen((earlier) => freezeFor(SENT_TO, datos, photos.map(({ file }) => file), earlier));
    setSending(true);
  }
  /** Each error to the first step that has one; what belongs to none is said on the review. */
  function showWrong(wrong: Errors, words: string | null): void {
    const places = Object.keys(wrong).map((key) => (key.startsWith("foto") ? photosAt : stepOf(steps, key.split("."))));
    const first = places.filter((at): at is number => at !== null).sort((one, other) => one - other)[0];
    setErrors(wrong);
    setTries(tries + 1);
    setRefusal(first === undefined ? words ?? Object.values(wrong)[0] ?? null : null);
    setFromReview(first !== undefined);
    go(first ?? reviewAt);
  }
  function refuse(error: ApiError): void {
    setSending(false);
    showWrong(Object.fromEntries(error.fields.map(({ campo, mensaje }) => [pathOfCampo(campo), mensaje])), error.message);
  }

  if (isSending && frozen)
    return (
      <Narrow>
        <Sending<DenunciaRecibida> frozen={frozen} isSensible={isSensible} line={urgentNumber(asunto.linea)}
          heading={asunto.tipo === "queja" ? d.sending.queja : d.sending.denuncia}
          onReceived={(answer) => { discardDraft(slot); setSending(false); setReceived(answer); }}
          onRefused={refuse} onEdit={() => setSending(false)} />
      </Narrow>
    );
  const way: Way = {
    number: Math.min(step, reviewAt) + 1, total: reviewAt + 1, isFromReview, tries, isDiscreet: isSensible,
    onNext: step >= reviewAt ? send : next,
    onBack: () => { setErrors({}); setFromReview(false); back(); },
  };
  const below = (
    <Keep isKept={isKept} isFull={isFull}
      onKeep={(keep) => { if (!keep) discardDraft(slot); setTyped(slot, (now) => ({ ...now, isKept: keep })); }}
      onDiscard={startAgain} />
  );
  const ask: Asking = { values, errors, around, isSensible, change };
  if (step < photosAt) {
    const current = steps[step];
    const intro = step === 0 ? <Chosen asunto={asunto} onChange={() => go(CHOOSING)} /> : null;
    return current ? <Narrow><StepScreen key={step} step={current} root={root} ask={{ ...ask, errors: errorsUnder(errors, current.fields) }} way={way} below={below} intro={intro} /></Narrow> : null;
  }
  const setPhotos = (all: Photo[]): void => setTyped(slot, (now) => ({ ...now, photos: all, lostPhotos: false }));
  if (step === photosAt)
    return (
      <Narrow>
        <Screen key={step} way={way} title={d.photos.heading} errors={{}} below={below} nextWords={isFromReview ? d.form.backToReview : d.form.review}>
          {lostPhotos && <Notice tone="aviso" icon="photo">{d.draft.photosGone}</Notice>}
          <PhotoPieces photos={photos} onPhotos={setPhotos} isSensible={isSensible} error={errors["foto"]} />
        </Screen>
      </Narrow>
    );
  return (
    <Narrow>
      <Review key={step} {...{ asunto, root, steps, values, around, photos, lostPhotos, way, refusal, below }} errors={{}}
        onChange={(at) => { setFromReview(true); go(at); }} />
    </Narrow>
  );
}

function Narrow({ children }: { children: preact.ComponentChildren }) {
  return <div class="angosta centrada">{children}</div>;
}

function Chosen({ asunto, onChange }: { asunto: Asunto; onChange: () => void }) {
  return (
    <>
      <div class="elegido">
        <AsuntoIcon name={asunto.icono} />
        <div><strong>{asunto.nombre}</strong><p class="ayuda">{asunto.ayuda}</p></div>
        <button type="button" class="enlace" onClick={onChange}>{d.review.change}</button>
      </div>
      {asunto.sensible && asunto.linea && (
        <Notice tone="aviso" icon="phone-call">
          <Tel number={asunto.linea.numero}>{t.call(asunto.linea.numero, asunto.linea.nombre)}</Tel>
        </Notice>
      )}
      {asunto.sensible && <Notice tone="calma" icon="shield-check">{d.draft.notKeptReserved}</Notice>}
    </>
  );
}

function Failed({ words, onRetry }: { words: string; onRetry: () => void }) {
  return (
    <Notice tone="error" icon="alert-triangle" live>
      {words} <button type="button" class="boton menor" onClick={onRetry}>{d.choose.retry}</button>
    </Notice>
  );
}

function changed(values: Values, path: Path, value: unknown): Values {
  const now = typeof value === "function" ? (value as (old: unknown) => unknown)(valueAt(values, path)) : value;
  return withValue(values, path, now);
}

function without(errors: Errors, path: Path): Errors {
  const left = Object.entries(errors).filter(([key]) => !startsWith(key.split("."), path) && !startsWith(path, key.split(".")));
  return left.length === Object.keys(errors).length ? errors : Object.fromEntries(left);
}

function blank(slot: Slot): Typed {
  return { values: {}, photos: [], isKept: slot === "ordinary", lostPhotos: false };
}

function stored(): Both {
  const of = (slot: Slot): Typed => {
    const draft = readDraft(slot);
    return draft ? { values: draft.values, photos: [], isKept: true, lostPhotos: draft.photos > 0 } : blank(slot);
  };
  return { ordinary: of("ordinary"), reserved: of("reserved") };
}

function findDrafts(): Draft[] {
  return SLOTS.map((slot) => readDraft(slot)).filter((draft): draft is Draft => draft !== null);
}

/** A reload in the middle of the form goes on where it was; a new visit is asked first. */
function resumed({ asuntos }: Offered): Asunto | null {
  const at = here();
  const draft = at && at.cajon && at.paso !== CHOOSING ? readDraft(at.cajon) : null;
  return asuntos.find(({ codigo }) => codigo === draft?.asunto) ?? null;
}

function useForm(asunto: Asunto | null): [Schema | null, boolean, () => void] {
  const address = asunto ? `/api/v1/asuntos/${asunto.codigo}` : null;
  return useLoaded<Schema>(null, address);
}

/** Asked for once per address; what the page brought along is not asked for. */
function useLoaded<T>(known: T | null, address: string | null): [T | null, boolean, () => void] {
  const [loaded, setLoaded] = useState<{ address: string; value: T } | null>(known && address ? { address, value: known } : null);
  const [failedAt, setFailedAt] = useState<string | null>(null);
  const [attempt, setAttempt] = useState(0);
  const isHere = loaded?.address === address;
  useEffect(() => {
    if (!address || isHere) return;
    let isStale = false;
    setFailedAt(null);
    call<T>(address).then(
      (value) => isStale || setLoaded({ address, value }),
      () => isStale || setFailedAt(address),
    );
    return () => { isStale = true; };
  }, [address, attempt]);
  return [isHere && loaded ? loaded.value : null, failedAt !== null && failedAt === address && !isHere, () => setAttempt((now) => now + 1)];
}
