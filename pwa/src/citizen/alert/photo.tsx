/** Step 2: a photo, or none; also the strip of photos of step 3. */
import { useRef, useState } from "preact/hooks";
import { Icon } from "../shared/icon";
import { Notice, StepHeading, Tel } from "../shared/pieces";
import { MOST_PHOTOS, discardPhoto, preparePhoto } from "../shared/photos";
import type { Photo } from "../shared/photos";
import { t } from "../shared/texts";
import type { Report } from "./report";

interface Props {
  report: Report;
  step?: string;
  onChange: (changes: Partial<Report>) => void;
  onNext: () => void;
  onBack: () => void;
}

export function PhotoStep({ report, step = t.photo.step, onChange, onNext, onBack }: Props) {
  const { category, photos } = report;
  const add = usePhotos(photos, (all) => onChange({ photos: all }));
  const takeAndGoOn = async (input: HTMLInputElement): Promise<void> => {
    // One tap fewer: with the photo taken there is nothing left to decide here.
    if (await add.from(input)) onNext();
  };
  return (
    <>
      <p class="paso">{step}</p>
      <StepHeading title={t.photo.title}>{t.photo.heading}</StepHeading>
      <Chosen report={report} onChange={onBack} hasHelp />
      {category.linea && (
        <Notice tone="aviso" icon="phone-call">
          {t.photo.urgent} <Tel number={category.linea.numero}>{t.call(category.linea.numero, category.linea.nombre)}</Tel>
        </Notice>
      )}
      <p class="ayuda">{category.sensible ? t.photo.safetySensible : t.photo.safety}</p>
      <div class="acciones apiladas">
        <FileButton icon="camera" look="principal" capture onFiles={takeAndGoOn}>{t.photo.camera}</FileButton>
        <FileButton icon="photo" look="segundo" onFiles={takeAndGoOn}>{t.photo.gallery}</FileButton>
        <button type="button" class="boton segundo" onClick={onNext}>
          {photos.length ? t.photo.next : t.photo.skip}
        </button>
      </div>
      {add.messages}
      <Strip photos={photos} onRemove={add.remove} />
    </>
  );
}

export function Chosen({ report, onChange, hasHelp }: { report: Report; onChange: () => void; hasHelp?: boolean }) {
  return (
    <div class="elegido">
      <Icon name={report.category.icono} />
      <div>
        <strong>{report.category.nombre}</strong>
        {hasHelp && report.category.ayuda && <p class="ayuda">{report.category.ayuda}</p>}
      </div>
      <button type="button" class="enlace" onClick={onChange}>{t.change}</button>
    </div>
  );
}

export function FileButton({ icon, look, capture, onFiles, children }: {
  icon: string; look: string; capture?: boolean; children: string; onFiles: (input: HTMLInputElement) => unknown;
}) {
  return (
    <label class={`boton ${look} archivo`}>
      {/* Extensions beside image/* make old Android open the file list instead of the camera. */}
      <input type="file" accept={capture ? "image/*" : "image/*,.heic,.heif"} multiple={!capture}
        {...(capture ? { capture: "environment" as const } : {})}
        onChange={(event) => onFiles(event.currentTarget)} />
      <Icon name={icon} /> {children}
    </label>
  );
}

export function Strip({ photos, onRemove }: { photos: Photo[]; onRemove: (photo: Photo) => void }) {
  if (!photos.length) return null;
  return (
    <ul class="fotos">
      {photos.map((photo, index) => (
        <li key={photo.preview}>
          <img src={photo.preview} alt={t.photo.alt(index + 1)} />
          <button type="button" class="quitar" aria-label={t.photo.removeOne(index + 1)} onClick={() => onRemove(photo)}>
            <Icon name="x" />
          </button>
          {photo.note && <p class="ayuda">{photo.note}</p>}
        </li>
      ))}
    </ul>
  );
}

/** Adding and removing photos, with what could not be added said aloud. */
export function usePhotos(photos: Photo[], onPhotos: (photos: Photo[]) => void) {
  const [problems, setProblems] = useState<string[]>([]);
  const [isWorking, setWorking] = useState(false);
  const newest = useRef(photos);
  newest.current = photos;

  async function from(input: HTMLInputElement): Promise<boolean> {
    const chosen = Array.from(input.files ?? []);
    input.value = "";
    if (!chosen.length) return false;
    setWorking(true);
    const prepared = await Promise.all(chosen.slice(0, MOST_PHOTOS - newest.current.length).map(preparePhoto));
    setWorking(false);
    const ready = prepared.filter((one): one is Photo => !("refused" in one));
    const refused = prepared.flatMap((one) => ("refused" in one ? [one.refused] : []));
    const isTooMany = chosen.length > MOST_PHOTOS - newest.current.length;
    setProblems(isTooMany ? [...refused, t.photo.onlyFour] : refused);
    if (ready.length) onPhotos([...newest.current, ...ready]);
    return ready.length > 0 && refused.length === 0 && !isTooMany;
  }

  function remove(photo: Photo): void {
    discardPhoto(photo);
    onPhotos(newest.current.filter((one) => one !== photo));
  }

  const messages = (
    <div aria-live="polite">
      {isWorking && <p class="ayuda">{t.photo.working}</p>}
      {problems.map((text) => <Notice tone="error" icon="alert-triangle" key={text}>{text}</Notice>)}
    </div>
  );

  return { from, remove, messages };
}
