/** Where it is: taken by itself, moved on the map, or written. For sensible matters a zone or words only. */
import { useEffect, useState } from "preact/hooks";
import type { FieldError } from "../shared/api";
import { districtNamed, districts } from "../shared/districts";
import type { District } from "../shared/districts";
import { Icon } from "../shared/icon";
import { MapPicker } from "../map/picker";
import { FieldMessage, Notice, messageFor } from "../shared/pieces";
import { t } from "../shared/texts";
import { accuracyWords } from "../shared/words";
import type { Place } from "./report";

/** As many districts as a select can hold on a small screen; past it the name is typed. */
const MOST_OPTIONS = 60;

interface Props {
  place: Place;
  isSensible: boolean;
  errors: FieldError[];
  onChange: (changes: Partial<Place>) => void;
  heading?: string | undefined;
  /** Why only a zone is asked for. */
  care?: string | undefined;
  /** A district without a reference is a place, too. */
  isDistrictEnough?: boolean;
  /** It happened where the phone is not. */
  isElsewhere?: boolean | undefined;
  around?: { lat: number; lon: number } | null | undefined;
  /** The ubigeo that a written place begins with; never for a sensible matter. */
  district?: string | null | undefined;
}

export function PlaceField(props: Props) {
  const { place, isSensible, errors, onChange } = props;
  const [isMapOpen, openMap] = useState(false);
  const isWritten = place.mode === "referencia";
  const start = place.mode === "gps" ? place.gps ?? place.point : place.point ?? place.gps;
  const error = messageFor(errors, "lugar", "lat", "lon", "celda", "origen", "precision_m");
  return (
    <fieldset class="bloque" id="lugar" tabIndex={-1} aria-describedby={error ? "error-lugar" : undefined}>
      <legend><h2>{props.heading ?? t.place.heading}</h2></legend>
      {isSensible && <Notice tone="calma" icon="shield-check">{props.care ?? t.place.sensitiveWhy}</Notice>}
      <div aria-live="polite"><Status place={place} isSensible={isSensible} /></div>
      <FieldMessage id="error-lugar" text={error} />
      {isWritten && <DistrictField {...props} />}
      <ReferenceField {...props} isNeeded={isWritten && !(props.isDistrictEnough && place.district.trim())} />
      {isMapOpen ? (
        <MapPicker isCell={isSensible} start={isSensible ? null : start} around={props.around} isMarked={start === place.point}
          onCancel={() => openMap(false)}
          onUse={(changes) => { openMap(false); onChange(changes); }} />
      ) : (
        <div class="acciones">
          <button type="button" class="boton menor" onClick={() => openMap(true)}>
            <Icon name="map" /> {isSensible ? t.place.markCell : place.gps ? t.place.openMap : t.place.markMap}
          </button>
          {!isWritten && (
            <button type="button" class="boton menor" onClick={() => onChange({ mode: "referencia" })}>
              <Icon name="pencil" /> {isSensible ? t.place.writeInstead : t.place.write}
            </button>
          )}
          {!isSensible && !props.isElsewhere && place.mode !== "gps" && (
            <button type="button" class="boton menor" onClick={() => onChange({ mode: "gps", problem: null })}>
              <Icon name="crosshair" /> {t.place.useGps}
            </button>
          )}
        </div>
      )}
    </fieldset>
  );
}

function Status({ place, isSensible }: { place: Place; isSensible: boolean }) {
  if (place.mode === "mapa") return <p class="estado-lugar"><Icon name="map-pin" /> {t.place.onMap}</p>;
  if (place.mode === "celda") return <p class="estado-lugar"><Icon name="map-pin" /> {t.place.cell}</p>;
  if (isSensible) return <p class="ayuda">{t.place.sensitiveAsk}</p>;
  if (place.mode === "gps" && place.gps)
    return <p class="estado-lugar"><Icon name="map-pin" /> {t.place.found(accuracyWords(place.gps.precision))}</p>;
  if (place.mode === "gps") return <p class="estado-lugar buscando"><Icon name="crosshair" /> {t.place.searching}</p>;
  if (place.problem) return <Notice tone="aviso" icon="map-pin">{t.place[place.problem]}</Notice>;
  return null;
}

function DistrictField({ place, errors, onChange, isSensible, district }: Props) {
  const [known, setKnown] = useState<District[] | null>(null);
  useEffect(() => void districts().then(setKnown, () => setKnown([])), []);
  useEffect(() => {
    const own = known?.find(({ ubigeo }) => ubigeo === district);
    if (own && !isSensible && !place.district) onChange({ district: own.label, ubigeo: own.ubigeo });
  }, [known]);
  const choose = (typed: string): void =>
    onChange({ district: typed, ubigeo: districtNamed(typed, known ?? [])?.ubigeo ?? null });
  const error = messageFor(errors, "distrito");
  const field = {
    id: "distrito", value: place.district, "aria-invalid": Boolean(error), "aria-describedby": "ayuda-distrito error-distrito",
  };
  return (
    <div class="campo">
      <label for="distrito">{t.place.district}</label>
      {known === null ? <select id="distrito" disabled><option>{t.loading}</option></select>
        : known.length > 0 && known.length <= MOST_OPTIONS ? <ShortList {...{ known, field, choose }} />
        : <TypedName {...{ known, field, choose, place }} />}
      <FieldMessage id="error-distrito" text={error} />
    </div>
  );
}

interface Choice { known: District[]; field: { id: string; value: string }; choose: (typed: string) => void }

function ShortList({ known, field, choose }: Choice) {
  return (
    <select {...field} onChange={(event) => choose(event.currentTarget.value)}>
      <option value="">{t.place.choose}</option>
      {known.map(({ ubigeo, label }) => <option key={ubigeo} value={label}>{label}</option>)}
      <option value={t.place.otherDistrict}>{t.place.otherDistrict}</option>
    </select>
  );
}

/** Also where the list could not be had: the server understands a name, and keeps one that it does not. */
function TypedName({ known, field, choose, place }: Choice & { place: Place }) {
  const isUnknown = known.length > 0 && place.district.length > 2 && !place.ubigeo;
  return (
    <>
      <input {...field} list="distritos" autocomplete="off" maxLength={80} onInput={(event) => choose(event.currentTarget.value)} />
      <datalist id="distritos">
        {place.district.length > 1 && known.map(({ ubigeo, label }) => <option key={ubigeo} value={label} />)}
      </datalist>
      {known.length > 0 && (
        <p class="ayuda" id="ayuda-distrito">{isUnknown ? t.place.districtUnknown : t.place.districtHint}</p>
      )}
    </>
  );
}

function ReferenceField({ place, errors, onChange, isNeeded }: Props & { isNeeded: boolean }) {
  const error = messageFor(errors, "referencia");
  return (
    <div class="campo">
      <label for="referencia">{isNeeded ? t.place.reference : t.place.referenceOptional}</label>
      <input id="referencia" maxLength={300} value={place.reference} autocomplete="off"
        aria-invalid={Boolean(error)} aria-describedby="ayuda-referencia error-referencia"
        onInput={(event) => onChange({ reference: event.currentTarget.value })} />
      <p class="ayuda" id="ayuda-referencia">{t.place.referenceHint}</p>
      <FieldMessage id="error-referencia" text={error} />
    </div>
  );
}
