/** Sends one report exactly once: its key and its bytes are frozen at the first attempt and repeated until an answer. */
import { problem } from "../shared/api";
import type { Datos } from "../shared/api";
import { newKey } from "../shared/keys";

export interface Frozen {
  path: string;
  key: string;
  datos: object;
  photos: readonly File[];
  content: string;
  /** Beside photos each value is a field of its own instead of one JSON. */
  isPlainForm?: boolean;
}

export function freeze(datos: Datos, photos: readonly File[], earlier: Frozen | null, path = "/api/v1/alertas"): Frozen {
  const said = { ...datos, ocurrido_en: datos.en_curso ? "" : datos.ocurrido_en };
  return freezeFor(path, datos, photos, earlier, said);
}

/** Same content, same key: an attempt without an answer may have arrived. Other content is another report. */
export function freezeFor(
  path: string, datos: object, photos: readonly File[], earlier: Frozen | null, said: object = datos,
): Frozen {
  const content = JSON.stringify([path, said, photos.map((photo) => [photo.name, photo.size, photo.lastModified])]);
  if (earlier?.content === content) return earlier;
  return { path, key: newKey(), datos, photos, content };
}

/** XMLHttpRequest, because fetch cannot tell how much of a photo has left the phone. */
export function post<T>(report: Frozen, token: string, onProgress: (percent: number) => void): Promise<T> {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open("POST", report.path);
    request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.setRequestHeader("Idempotency-Key", report.key);
    request.upload.onprogress = ({ loaded, total }) => onProgress(Math.floor((loaded / total) * 100));
    request.onerror = () => fail(problem(0, "", null));
    request.ontimeout = () => fail(problem(0, "", null));
    request.onload = () => {
      if (request.status === 201) done(JSON.parse(request.responseText) as T);
      else fail(problem(request.status, request.responseText, request.getResponseHeader("Retry-After")));
    };
    // A 25 MB photo over 2G takes long; a text must not hang.
    request.timeout = report.photos.length ? 300_000 : 30_000;
    request.send(bodyOf(report, request));
  });
}

function bodyOf(report: Frozen, request: XMLHttpRequest): FormData | string {
  const datos = JSON.stringify(report.datos);
  if (!report.photos.length) {
    request.setRequestHeader("Content-Type", "application/json");
    return datos;
  }
  const form = new FormData();
  if (report.isPlainForm) for (const [name, value] of Object.entries(report.datos)) form.append(name, String(value));
  else form.append("datos", datos);
  for (const photo of report.photos) form.append("foto", photo, photo.name);
  return form;
}
