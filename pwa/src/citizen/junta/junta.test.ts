import { beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError, problem } from "../shared/api";
import type { Categoria } from "../shared/api";
import { hasEnded } from "./api";
import type { Celda } from "./api";
import { BLANK, discard, hasTold, hasUnread, unsentOf, withCategory, withSource } from "./informe";
import { dateWords, monthOf, monthsLater } from "./months";
import { codeIn, digitsOf, isPin } from "./pin";
import { drawingOf } from "./sketch";

/** The phone's storage, or one that is full. */
function storage(isFull = false): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => {
      if (isFull) throw new DOMException("full", "QuotaExceededError");
      kept.set(key, value);
    },
  } as unknown as Storage;
}

describe("what a phone shows beside the PIN", () => {
  // Anew for each: the module remembers what a phone without storage cannot.
  beforeEach(() => vi.resetModules());
  const SECRET = /^[A-Za-z0-9_-]{43}$/; // as secrets.token_urlsafe(32) makes them

  it("is made up where there is none, and stays", async () => {
    vi.stubGlobal("localStorage", storage());
    const { sealOfPhone } = await import("./seal");
    expect(sealOfPhone()).toMatch(SECRET);
    expect(localStorage.getItem("ya.sello")).toBe(sealOfPhone());
  });
  it("is the secret once the phone has one, and made up again when the access is over", async () => {
    vi.stubGlobal("localStorage", storage());
    const { forgetSeal, keepSeal, sealOfPhone } = await import("./seal");
    expect(keepSeal("a".repeat(43))).toBe(true);
    expect(sealOfPhone()).toBe("a".repeat(43));
    forgetSeal();
    expect(sealOfPhone()).toMatch(SECRET);
    expect(sealOfPhone()).not.toBe("a".repeat(43));
  });
  /** The camera opens the code in a tab of its own, while another still shows the page. */
  async function twoTabs() {
    vi.stubGlobal("localStorage", storage());
    const first = await import("./seal");
    first.keepSeal("a".repeat(43));
    vi.resetModules();
    return { first, second: await import("./seal") };
  }
  it("is what another tab was given since", async () => {
    const { first, second } = await twoTabs();
    second.keepSeal("b".repeat(43));
    expect(first.sealOfPhone()).toBe("b".repeat(43));
  });
  it("is not taken from the phone when the access before it ends in an older tab", async () => {
    const { first, second } = await twoTabs();
    second.keepSeal("b".repeat(43));
    first.forgetSeal();
    expect(localStorage.getItem("ya.sello")).toBe("b".repeat(43));
    second.forgetSeal();
    expect(second.sealOfPhone()).not.toBe("b".repeat(43));
  });
  it("cannot be kept where nothing can, and is asked before a code is used up", async () => {
    vi.stubGlobal("localStorage", storage(true));
    const { canKeep, sealOfPhone } = await import("./seal");
    expect(canKeep()).toBe(false);
    expect(sealOfPhone()).toMatch(SECRET);
    expect(sealOfPhone()).toBe(sealOfPhone());
  });
});

describe("a PIN and a code", () => {
  it.each([["482913", true], ["48291", false], ["48291a", false], ["٤٨٢٩١٣", false]])("%s: %s", (typed, isRight) =>
    expect(isPin(typed)).toBe(isRight));
  it("blanks and dashes are no part of a PIN", () => expect(digitsOf("48 29-13 7")).toBe("482913"));
  it.each([
    ["#codigo=7K3M-9QX2-ABCD", "7K3M-9QX2-ABCD"],
    ["", null],
    ["#contenido", null],
    ["#codigo=<script>", null],
  ])("%s carries %s", (fragment, code) => expect(codeIn(fragment)).toBe(code));
});

describe("months and days", () => {
  it("a month is Lima's, whatever the phone's clock says", () => {
    expect(monthOf(new Date("2026-12-01T03:00:00Z"))).toBe("2026-11");
    expect(monthOf(new Date("2026-12-01T06:00:00Z"))).toBe("2026-12");
  });
  it.each([["2026-11", -1, "2026-10"], ["2026-01", -1, "2025-12"], ["2025-12", 1, "2026-01"], ["2026-03", -15, "2024-12"]])(
    "%s and %i months is %s", (month, count, other) => expect(monthsLater(month, count)).toBe(other));
  it("a day has its year", () => expect(dateWords("2027-05-20")).toBe("20 de mayo de 2027"));
});

const category = (codigo: string, sensible = false): Categoria => ({
  codigo, nombre: codigo, tipo: "hecho", grupo: "", prioridad: 2, icono: "", sensible, publica: true, linea: null,
});

describe("an informe", () => {
  const own = withCategory(withSource(BLANK, "propia"), category("robo"));
  const told = withCategory(withSource(BLANK, "vecino"), category("robo"));

  it("of one's own looks for the phone's place, a neighbour's does not", () => {
    expect(own.report?.place.mode).toBe("gps");
    expect(own.report?.isOngoing).toBe(true);
    expect(told.report?.place.mode).toBe("referencia");
    expect(told.report?.isOngoing).toBe(false);
  });
  it("keeps no position when it turns out to be a neighbour's", () => {
    const found = { ...own, report: own.report && { ...own.report, place: { ...own.report.place, gps: { lat: -12, lon: -77, precision: 5 }, reference: "Parque" } } };
    const place = withSource(found, "vecino").report?.place;
    expect(place).toMatchObject({ mode: "referencia", gps: null, reference: "Parque" });
  });
  it("keeps no point when its matter turns out to be sensible", () => {
    const marked = { ...own, report: own.report && { ...own.report, place: { ...own.report.place, mode: "mapa" as const, point: { lat: -12, lon: -77 } } } };
    expect(withCategory(marked, category("extorsion", true)).report?.place).toMatchObject({ mode: "referencia", point: null });
    expect(withCategory(marked, category("pelea")).report?.place.point).not.toBeNull();
  });
  it("is unsent until the server has it, and unread until its clave is noted", () => {
    const received = { numero: "", clave: "", estado: "", recibido_en: "", comisaria: null, se_sigue_por_junta: false };
    expect([hasTold(BLANK), hasTold(own), hasTold({ ...own, received })]).toEqual([false, true, false]);
    expect([hasUnread(own), hasUnread({ ...own, received, isKept: false })]).toEqual([false, true]);
    expect(discard(own)).toBe(BLANK);
  });
  it("that was not sent gives its words back, and only then", () => {
    const report = told.report && { ...told.report, description: " Dos en una moto ", place: { ...told.report.place, reference: "Parque" } };
    expect(unsentOf({ ...told, report })).toEqual({ words: "robo\nParque\nDos en una moto", hasPhotos: false, mayHaveArrived: false });
    expect(unsentOf(BLANK)).toBeNull();
    const received = { numero: "", clave: "", estado: "", recibido_en: "", comisaria: null, se_sigue_por_junta: true };
    expect(unsentOf({ ...told, received })).toBeNull();
  });
});

describe("the drawing of zones", () => {
  const hexagon = (lat: number, lon: number): Celda => ({
    celda: `${lat}`, centro: { lat, lon }, tipos: [],
    borde: [0, 60, 120, 180, 240, 300].map((turn) => {
      const angle = (turn * Math.PI) / 180;
      return [lat + 0.0018 * Math.sin(angle), lon + 0.0018 * Math.cos(angle)];
    }),
  });
  it("has the north above and the east on the right", () => {
    const [north, south, east] = drawingOf([hexagon(-12.05, -77.13), hexagon(-12.06, -77.13), hexagon(-12.06, -77.12)]).shapes;
    expect(north?.y).toBeLessThan(south?.y ?? 0);
    expect(east?.x).toBeGreaterThan(south?.x ?? 0);
    expect([north?.number, south?.number, east?.number]).toEqual([1, 2, 3]);
  });
  it("stays inside its frame and tells how wide a zone is", () => {
    const { width, height, shapes, metresWide } = drawingOf([hexagon(-12.05, -77.13), hexagon(-12.06, -77.10)]);
    const points = shapes.flatMap((one) => one.points.split(" ").map((point) => point.split(",").map(Number)));
    for (const [x = -1, y = -1] of points) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x).toBeLessThanOrEqual(width);
      expect(y).toBeGreaterThanOrEqual(0);
      expect(y).toBeLessThanOrEqual(height);
    }
    expect(metresWide).toBe(400);
  });
});

describe("a refusal", () => {
  it("of the server ends the access", () => expect(hasEnded(new ApiError(403, "Desde hoy ya no coordinas la junta."))).toBe(true));
  it("of a proxy does not", () => expect(hasEnded(problem(403, "<html>Forbidden</html>", null))).toBe(false));
});
