import { describe, expect, it } from "vitest";
import { blankPlace, lugarOf, withOffset } from "./report";
import type { Place } from "./report";

const GPS = { lat: -12.05, lon: -77.12, precision: 12 };

const at = (changes: Partial<Place>): Place => ({ ...blankPlace(false), ...changes });

describe("the place that is sent", () => {
  it("is the phone's position with its accuracy", () => {
    expect(lugarOf(at({ gps: GPS }), false, true)).toEqual({ origen: "gps", lat: -12.05, lon: -77.12, precision_m: 12 });
  });
  it("is a written reference where there is no position", () => {
    const place = at({ mode: "referencia", ubigeo: "070101", reference: " frente al mercado " });
    expect(lugarOf(place, false, true)).toEqual({ origen: "referencia", distrito: "070101", referencia: "frente al mercado" });
  });
  it("needs the district only where districts are known", () => {
    const place = at({ mode: "referencia", reference: "Callao, frente al mercado" });
    expect(lugarOf(place, false, true)).toBeNull();
    expect(lugarOf(place, false, false)).toEqual({ origen: "referencia", referencia: "Callao, frente al mercado" });
  });
  it("is the district as typed where the list does not have it", () => {
    const place = at({ mode: "referencia", district: "Nuevo Distrito", reference: "frente al mercado" });
    expect(lugarOf(place, false, true)).toMatchObject({ distrito: "Nuevo Distrito" });
  });
  it("is never a point for a sensible matter", () => {
    expect(lugarOf(at({ mode: "gps", gps: GPS }), true, true)).toBeNull();
    expect(lugarOf(at({ mode: "mapa", point: GPS }), true, true)).toBeNull();
    const cell = lugarOf(at({ mode: "celda", cell: "888e628d8bfffff", gps: GPS, point: GPS }), true, true);
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
