import { describe, expect, it } from "vitest";
import type { Datos } from "../shared/api";
import { freeze } from "./submission";

const datos = (text: string, second: string): Datos => ({
  categoria: "robo",
  lugar: { origen: "referencia", distrito: "070101", referencia: "frente al mercado" },
  ocurrido_en: `2026-11-21T10:00:${second}-05:00`,
  en_curso: true,
  descripcion: text,
});

describe("a report's key", () => {
  it("stays with the same words and photos, whatever the clock says, and the first bytes are repeated", () => {
    const first = freeze(datos("dos personas", "01"), [], null);
    expect(freeze(datos("dos personas", "59"), [], first)).toBe(first);
  });

  it("changes with the words, because other content under one key is refused", () => {
    const first = freeze(datos("dos personas", "01"), [], null);
    expect(freeze(datos("tres personas", "01"), [], first).key).not.toBe(first.key);
  });

  it("changes with the photos", () => {
    const first = freeze(datos("x", "01"), [], null);
    const photo = new File(["…"], "foto.jpg", { type: "image/jpeg", lastModified: 1 });
    expect(freeze(datos("x", "01"), [photo], first).key).not.toBe(first.key);
  });
});
