/** Everything before it is sent, each part with a way to change it. */
import { Notice } from "../shared/pieces";
import type { Photo } from "../shared/photos";
import type { Asunto } from "./api";
import type { Errors } from "./check";
import { rowsOf } from "./datos";
import type { Circumstances, Row } from "./datos";
import { inForce, schemaAt, valueAt } from "./schema";
import type { Schema, Step, Values } from "./schema";
import { Screen } from "./step_screen";
import type { Way } from "./step_screen";
import { d } from "./texts";

interface Props {
  asunto: Asunto;
  root: Schema;
  steps: Step[];
  values: Values;
  around: Circumstances;
  photos: Photo[];
  lostPhotos: boolean;
  way: Way;
  refusal: string | null;
  errors: Errors;
  onChange: (step: number) => void;
  below: preact.ComponentChildren;
}

export function Review({ asunto, root, steps, values, around, photos, lostPhotos, way, refusal, errors, onChange, below }: Props) {
  const isQueja = asunto.tipo === "queja";
  const now = inForce(root, {});
  const rowsOfStep = (step: Step): Row[] =>
    step.fields.flatMap((path) => rowsOf(schemaAt(now, path) ?? {}, valueAt(values, path), around));
  const pictureWords = photos.length ? d.photos.count(photos.length) : lostPhotos ? d.draft.photosGone : "";
  const pictures = pictureWords ? [{ label: d.photos.title, words: pictureWords }] : [];
  return (
    <Screen way={way} title={d.review.heading} errors={errors} below={below} nextWords={isQueja ? d.review.sendQueja : d.review.send}>
      {refusal && <Notice tone="error" icon="alert-triangle" live><strong>{d.review.refused}</strong> {refusal}</Notice>}
      <p class="paso">{asunto.nombre}</p>
      {steps.map((step, index) => (
        <Part key={step.title} title={step.title} rows={rowsOfStep(step)} onChange={() => onChange(index)}
          nothing={step.fields.some(([field]) => field === "reserva") ? d.review.nothingReserved : d.review.nothing} />
      ))}
      <Part title={d.photos.title} rows={pictures} nothing={d.photos.none} onChange={() => onChange(steps.length)} />
      {values["reserva"] === true && <Notice tone="calma" icon="lock">{d.review.reserved}</Notice>}
      <Notice tone="calma" icon="shield-check">{isQueja ? d.review.truthReserved : d.review.truth}</Notice>
    </Screen>
  );
}

function Part({ title, rows, nothing, onChange }: { title: string; rows: Row[]; nothing: string; onChange: () => void }) {
  return (
    <section class="bloque parte">
      <div class="cabeza-parte">
        <h2>{title}</h2>
        <button type="button" class="enlace" aria-label={d.review.changeWhat(title)} onClick={onChange}>{d.review.change}</button>
      </div>
      {rows.length === 0 ? <p class="ayuda">{nothing}</p> : (
        <dl class="datos">
          {rows.map((row, index) => <div key={index}><dt>{row.label}</dt><dd class="texto-libre">{row.words}</dd></div>)}
        </dl>
      )}
    </section>
  );
}
