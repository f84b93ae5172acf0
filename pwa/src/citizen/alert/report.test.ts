import { describe, expect, it } from "vitest";
import { blankPlace, lugarOf, withOffset } from "./report";
import type { Place } from "./report";

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
