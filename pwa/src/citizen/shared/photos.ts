/** Photos before they are sent: what is accepted, and a smaller copy when the original would crawl. */
import { t } from "./texts";
import { weightWords } from "./words";

export const MOST_PHOTOS = 4;
const HEAVIEST = 25 * 1024 * 1024;
const SHRINK_ABOVE = 3_000_000;
const LONGEST_SIDE = 2000;
const KINDS = /^image\/(jpeg|png|webp|heic|heif)$/;
const ENDINGS = /\.(jpe?g|png|webp|heic|heif)$/i;

export interface Photo { file: File; preview: string; note: string | null }

export interface Refusal { refused: string }

export async function preparePhoto(file: File): Promise<Photo | Refusal> {
  if (!KINDS.test(file.type) && !ENDINGS.test(file.name)) return { refused: t.photo.notAPhoto(file.name) };
  if (file.size > HEAVIEST) return { refused: t.photo.tooHeavy(file.name) };
  const smaller = file.size > SHRINK_ABOVE ? await shrink(file) : null;
  const chosen = smaller ?? file;
  return {
    file: chosen,
    preview: URL.createObjectURL(chosen),
    note: smaller ? t.photo.shrunk(weightWords(file.size), weightWords(smaller.size)) : null,
  };
}

export function discardPhoto(photo: Photo): void {
  URL.revokeObjectURL(photo.preview);
}

/** null when the browser cannot read the picture (HEIC on Android) or nothing is gained. */
async function shrink(file: File): Promise<File | null> {
  try {
    const picture = await load(file);
    const ratio = Math.min(1, LONGEST_SIDE / Math.max(picture.naturalWidth, picture.naturalHeight));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.naturalWidth * ratio);
    canvas.height = Math.round(picture.naturalHeight * ratio);
    canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    URL.revokeObjectURL(picture.src);
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", 0.82));
    if (!blob || blob.size >= file.size) return null;
    return new File([blob], "foto.jpg", { type: "image/jpeg" });
  } catch {
    return null;
  }
}

function load(file: File): Promise<HTMLImageElement> {
  return new Promise((done, fail) => {
    const picture = new Image();
    picture.onload = () => done(picture);
    picture.onerror = () => fail(new Error("unreadable picture"));
    picture.src = URL.createObjectURL(file);
  });
}
