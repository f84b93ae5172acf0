/** Step 3: the place, the words, and the button. */
import { useState } from "preact/hooks";
import type { FieldError } from "../shared/api";
import { surelyNow } from "../shared/clock";
import { Icon } from "../shared/icon";
import { FieldMessage, Notice, StepHeading, messageFor } from "../shared/pieces";
import { MOST_PHOTOS } from "../shared/photos";
import { t } from "../shared/texts";
import { Desk } from "./desk";
import type { DeskWords } from "./desk";
import { Chosen, FileButton, Strip, usePhotos } from "./photo";
import { PlaceField } from "./place_field";
import { isTypedTooLate, lugarOf } from "./report";
import type { Place, Report } from "./report";
import type { Lugar } from "../shared/api";

/** What another page than the alert's says on this screen. */
export interface Manner {
  step: string;
  button: string;
  refused: string;
  /** Told by somebody else, elsewhere: what must not be written about them. */
  care?: string | undefined;
  /** Where a map begins that knows no better. */
  around: { lat: number; lon: number } | null;
  /** The ubigeo that a written place begins with. */
  district: string | null;
  desk: DeskWords;
}

interface Props {
  report: Report;
  manner?: Manner;
  errors: FieldError[];
  refusal: string | null;
  onChange: (changes: Partial<Report>) => void;
  onPlace: (changes: Partial<Place>) => void;
  onSend: (lugar: Lugar) => void;
  onChangeCategory: () => void;
}

export function SendStep({ report, manner, errors, refusal, onChange, onPlace, onSend, onChangeCategory }: Props) {
  const [isPlaceMissing, setPlaceMissing] = useState(false);
  const { category, place } = report;
  const lugar = lugarOf(place, category.sensible);
  const allErrors = isPlaceMissing && !lugar ? [...errors, missingPlace(place)] : errors;

  function submit(event: Event): void {
    event.preventDefault();
    const sure = surelyNow();
    if (lugar && sure && isTypedTooLate(report, sure)) return document.getElementById("ocurrido")?.focus();
    if (lugar) return onSend(lugar);
    setPlaceMissing(true);
    document.getElementById("lugar")?.scrollIntoView();
    document.getElementById(place.mode === "referencia" ? "referencia" : "lugar")?.focus();
  }

  return (
    <form onSubmit={submit} noValidate>
      <p class="paso">{manner?.step ?? t.send.step}</p>
      <StepHeading title={t.send.title}>{t.send.heading}</StepHeading>
      {refusal && <Notice tone="error" icon="alert-triangle" live><strong>{manner?.refused ?? t.sending.refused}.</strong> {refusal}</Notice>}
      <Chosen report={report} onChange={onChangeCategory} />
      <FieldMessage id="error-categoria" text={messageFor(errors, "categoria")} />
      <Desk category={category.codigo} isSensible={category.sensible} lugar={lugar} words={manner?.desk} />
      <PlaceField place={place} isSensible={category.sensible} errors={allErrors} isElsewhere={Boolean(manner?.care)} around={manner?.around}
        district={manner?.district} onChange={onPlace} />
      <When report={report} errors={errors} onChange={onChange} />
      <Details report={report} care={manner?.care} errors={errors} onChange={onChange} />
      <Photos report={report} errors={errors} onChange={onChange} />
      <div class="barra-enviar">
        <button type="submit" class="boton principal grande">
          <Icon name="send" /> {manner?.button ?? (category.tipo === "hecho" ? t.send.button : t.send.buttonRisk)}
        </button>
      </div>
    </form>
  );
}

function missingPlace(place: Place): FieldError {
  if (place.mode !== "referencia") return { campo: "lugar", mensaje: t.send.placeMissing };
  if (place.reference.trim().length < 3) return { campo: "referencia", mensaje: t.send.referenceMissing };
  return { campo: "distrito", mensaje: t.send.districtMissing };
}

type Part = Pick<Props, "report" | "errors" | "onChange">;

function When({ report, errors, onChange }: Part) {
  if (report.category.tipo !== "hecho") return null;
  const choice = (isOngoing: boolean, words: string) => (
    <label class="opcion">
      <input type="radio" name="cuando" checked={report.isOngoing === isOngoing} onChange={() => onChange({ isOngoing })} />
      <span>{words}</span>
    </label>
  );
  const notYet = isTypedTooLate(report, surelyNow() ?? new Date()) ? t.notYet : undefined;
  const error = notYet ?? messageFor(errors, "ocurrido_en", "en_curso");
  return (
    <fieldset class="bloque">
      <legend><h2>{t.send.when}</h2></legend>
      <div class="opciones">{choice(true, t.send.now)}{choice(false, t.send.before)}</div>
      {!report.isOngoing && (
        <div class="campo">
          <label for="ocurrido">{t.send.beforeWhen}</label>
          <input id="ocurrido" type="datetime-local" value={report.happenedAt}
            aria-invalid={Boolean(error)} aria-describedby="error-ocurrido"
            onInput={(event) => onChange({ happenedAt: event.currentTarget.value })} />
        </div>
      )}
      <FieldMessage id="error-ocurrido" text={error} />
    </fieldset>
  );
}

function Details({ report, care, errors, onChange }: Part & { care: string | undefined }) {
  const error = messageFor(errors, "descripcion");
  return (
    <div class="campo bloque">
      <label for="descripcion"><h2>{t.send.details}</h2></label>
      {care && <Notice tone="aviso" icon="shield-check">{care}</Notice>}
      <textarea id="descripcion" rows={3} maxLength={2000} value={report.description}
        aria-invalid={Boolean(error)} aria-describedby="ayuda-descripcion error-descripcion"
        onInput={(event) => onChange({ description: event.currentTarget.value })} />
      <p class="ayuda" id="ayuda-descripcion">{report.category.tipo === "hecho" ? t.send.detailsHint : t.send.riskDetailsHint}</p>
      <FieldMessage id="error-descripcion" text={error} />
    </div>
  );
}

function Photos({ report, errors, onChange }: Part) {
  const add = usePhotos(report.photos, (photos) => onChange({ photos }));
  return (
    <div class="bloque">
      <h2>{t.send.photos}</h2>
      <Strip photos={report.photos} onRemove={add.remove} />
      {add.messages}
      <FieldMessage id="error-foto" text={messageFor(errors, "foto")} />
      {report.photos.length < MOST_PHOTOS && (
        <FileButton icon="camera" look="menor" onFiles={add.from}>{t.send.addPhoto}</FileButton>
      )}
    </div>
  );
}
