import { describe, expect, it } from "vitest";
import type { Categoria } from "../shared/api";
import { blankPlace, blankReport, datosOf, lugarOf, withOffset } from "./report";
import type { Place, Report } from "./report";

const GPS = { lat: -12.05, lon: -77.12, precision: 12 };

const at = (changes: Partial<Place>): Place => ({ ...blankPlace(false), ...changes });

describe("the place that is sent", () => {
  it("is the phone's position with its accuracy", () => {
    expect(lugarOf(at({ gps: GPS }), false)).toEqual({ origen: "gps", lat: -12.05, lon: -77.12, precision_m: 12 });
  });
  it("is a written reference where there is no position", () => {
    const place = at({ mode: "referencia", ubigeo: "070101", reference: " frente al mercado " });
    expect(lugarOf(place, false)).toEqual({ origen: "referencia", distrito: "070101", referencia: "frente al mercado" });
  });
  it("needs the district and the reference", () => {
    expect(lugarOf(at({ mode: "referencia", reference: "frente al mercado" }), false)).toBeNull();
    expect(lugarOf(at({ mode: "referencia", ubigeo: "070101" }), false)).toBeNull();
  });
  it("is the district as typed where the list does not have it", () => {
    const place = at({ mode: "referencia", district: "Nuevo Distrito", reference: "frente al mercado" });
    expect(lugarOf(place, false)).toMatchObject({ distrito: "Nuevo Distrito" });
  });
  it("is never a point for a sensible matter", () => {
    expect(lugarOf(at({ mode: "gps", gps: GPS }), true)).toBeNull();
    expect(lugarOf(at({ mode: "mapa", point: GPS }), true)).toBeNull();
    const cell = lugarOf(at({ mode: "celda", cell: "888e628d8bfffff", gps: GPS, point: GPS }), true);
    expect(cell).toEqual({ origen: "celda", celda: "888e628d8bfffff" });
  });
});

describe("a time", () => {
  it("carries its offset and names the same instant", () => {
    const instant = new Date("2026-11-21T15:30:00Z");
    expect(withOffset(instant)).toMatch(/^2026-11-2\dT\d\d:\d\d:00[+-]\d\d:\d\d$/);
    expect(new Date(withOffset(instant)).getTime()).toBe(instant.getTime());
  });
});

describe("when it happened", () => {
  const NOW = new Date("2026-11-21T15:30:00Z");
  const robbery = { codigo: "robo", tipo: "hecho", sensible: false } as Categoria;
  const place = { origen: "referencia" as const, referencia: "frente al mercado" };
  const told = (changes: Partial<Report>) => datosOf({ ...blankReport(robbery), ...changes }, place, NOW);

  it("is the phone's now while it happens", () => {
    expect(told({}).ocurrido_en).toBe(withOffset(NOW));
  });
  it("is what was typed of what has passed", () => {
    const typed = "2026-11-20T21:15";
    expect(told({ isOngoing: false, happenedAt: typed }).ocurrido_en).toBe(withOffset(new Date(typed)));
  });
  it("is not told for who gave no moment", () => {
    expect(told({ isOngoing: false })).toEqual({ categoria: "robo", lugar: place, en_curso: false });
  });
  it("is not told of what is asked no moment, whatever was typed before", () => {
    const category = { ...robbery, tipo: "factor_de_riesgo" } as Categoria;
    expect(told({ category, isOngoing: false, happenedAt: "2026-11-20T21:15" })).not.toHaveProperty("ocurrido_en");
  });
});
