/** Photos, with the alert's own pieces. */
import { FileButton, Strip, usePhotos } from "../alert/photo";
import { FieldMessage } from "../shared/pieces";
import { MOST_PHOTOS } from "../shared/photos";
import type { Photo } from "../shared/photos";
import { t } from "../shared/texts";
import { d } from "./texts";

/** `isPlain` inside something that is a box already and has said what the photos are for. */
export function PhotoPieces({ photos, onPhotos, isSensible, error, isPlain }: {
  photos: Photo[]; onPhotos: (photos: Photo[]) => void; isSensible: boolean; error?: string | undefined; isPlain?: boolean;
}) {
  const add = usePhotos(photos, onPhotos);
  return (
    <div class={isPlain ? undefined : "bloque"} id="c-foto">
      {(isSensible || !isPlain) && <p class="ayuda">{isSensible ? d.photos.helpReserved : d.photos.help}</p>}
      <FieldMessage id="c-foto-error" text={error} />
      <Strip photos={photos} onRemove={add.remove} />
      {add.messages}
      {photos.length < MOST_PHOTOS && (
        <div class="acciones">
          <FileButton icon="camera" look="segundo" capture onFiles={add.from}>{t.photo.camera}</FileButton>
          <FileButton icon="photo" look="segundo" onFiles={add.from}>{t.photo.gallery}</FileButton>
        </div>
      )}
    </div>
  );
}
