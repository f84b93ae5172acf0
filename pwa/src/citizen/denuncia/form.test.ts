import { describe, expect, it } from "vitest";
import { errorsOf, errorsUnder, passesLuhn, pathOfCampo, warningsOf } from "./check";
import { datosOf, normal, numberOf, rowsOf, withoutEmptyMembers } from "./datos";
import { inForce, isAsked, schemaAt, stepOf, stepsOf, withValue } from "./schema";
import type { Schema, Values } from "./schema";
import { blankWhen, endOf, startOf } from "./when";
import { startPlace } from "./place";

const sheets = import.meta.glob("../../../../backend/catalog/data/formularios/*.json", { eager: true, import: "default" }) as Record<string, Schema>;
const shared = sheet("comun") as { $defs?: Record<string, Schema> };

function sheet(name: string): Schema {
  const found = Object.entries(sheets).find(([path]) => path.endsWith(`/${name}.json`));
  return (found?.[1] ?? {}) as Schema;
}

/** As the server serves it: what a form shares with others stands in its place. */
function form(name: string): Schema {
  return inlined(sheet(name)) as Schema;
}

function inlined(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(inlined);
  if (typeof node !== "object" || node === null) return node;
  const { $ref, ...own } = node as { $ref?: string };
  const part = $ref ? shared.$defs?.[$ref.split("/").pop() ?? ""] : undefined;
  const entries = Object.entries({ ...(part as object), ...own }).map(([key, value]) => [key, inlined(value)]);
  return Object.fromEntries(entries);
}

const NOW = new Date("2026-11-21T15:00:00-05:00");
const around = { isZoneOnly: false, now: NOW };
const theft = form("robo_celular_denuncia");
const complaint = form("maltrato_policial");

const told: Values = {
  calificaciones: ["010301"],
  celulares: [{ marca: "Samsung", imei: "35 693803-564380 8" }],
  hecho: {
    relato: "Dos personas en una moto me quitaron el celular.",
    desde: { ...blankWhen(), fecha: "2026-11-20", modo: "parte", parte: "tarde" },
    lugar: { ...startPlace(), district: "Callao, Callao", ubigeo: "070101", reference: "Frente al mercado" },
  },
  denunciante: {
    relacion: "agraviado",
    identidad: { tipo_documento: "dni", numero_documento: "40000001", nombres: "Persona", apellido_paterno: "Inventada", celular: "+51 900 000 001" },
  },
};

describe("every form of the catalogue", () => {
  const names = Object.keys(sheets).map((path) => path.split("/").pop()?.replace(".json", "") ?? "").filter((name) => name !== "comun");
  it("is here", () => expect(names.length).toBeGreaterThan(12));
  it.each(names)("%s: each step asks for something that exists, and nothing is left out", (name) => {
    const root = form(name);
    const asked = stepsOf(root).flatMap(({ fields }) => fields);
    expect(asked.filter((path) => !schemaAt(root, path))).toEqual([]);
    const own = Object.entries(root.properties ?? {}).filter(([, field]) => field.const === undefined).map(([key]) => key);
    expect(new Set(asked.map(([first]) => first))).toEqual(new Set(own));
  });
  it.each(names)("%s: where each field may stay empty but not all of them, that is said", (name) => {
    const root = form(name);
    const needed = (root.required ?? []).map((key) => root.properties?.[key]).filter((field) => field?.items?.properties && !field.items.required);
    for (const field of needed) expect(`${field?.title}: ${field?.description ?? ""}`).toMatch(/al menos un/);
  });
  it.each(names)("%s: left empty, every refusal has words and a step", (name) => {
    const root = form(name);
    const wrong = errorsOf(root, datosOf(root, {}, around));
    expect(Object.keys(wrong).length).toBeGreaterThan(0);
    for (const [key, words] of Object.entries(wrong)) {
      expect(stepOf(stepsOf(root), key.split(".")), key).not.toBeNull();
      expect(words, key).toMatch(/^[A-ZÁÉÍÓÚ¿].*[.:]$/);
      expect(words, key).not.toBe("Revisa esta respuesta.");
    }
  });
});

describe("a theft as it is told", () => {
  const datos = datosOf(theft, told, around);
  it("is the form of the API, in one spelling and without what was not said", () => {
    expect(datos).toEqual({
      asunto: "robo_celular_denuncia",
      calificaciones: ["010301"],
      hecho: {
        relato: "Dos personas en una moto me quitaron el celular.",
        desde: "2026-11-20T12:00:00-05:00",
        hasta: "2026-11-20T17:59:00-05:00",
        lugar: { origen: "referencia", distrito: "070101", referencia: "Frente al mercado" },
      },
      celulares: [{ marca: "Samsung", imei: "356938035643808" }],
      denunciante: {
        relacion: "agraviado",
        identidad: { tipo_documento: "dni", numero_documento: "40000001", nombres: "Persona", apellido_paterno: "Inventada", celular: "900000001" },
      },
    });
  });
  it("is right", () => expect(errorsOf(theft, datos)).toEqual({}));
  it("keeps its fields in the order of the form", () => expect(Object.keys(datos).slice(0, 3)).toEqual(["asunto", "calificaciones", "hecho"]));
  it("reads back in words", () => {
    const rows = rowsOf(schemaAt(theft, ["hecho"]) ?? {}, told["hecho"], around);
    expect(rows).toEqual([
      { label: "Cuéntalo con tus palabras", words: "Dos personas en una moto me quitaron el celular." },
      { label: "Cuándo pasó", words: "20/11/2026, en la tarde" },
      { label: "Dónde pasó", words: "Frente al mercado. Callao, Callao" },
    ]);
  });
});

describe("what is wrong is said in the form's own words, at its field", () => {
  const wrongWith = (path: (string | number)[], value: unknown) => errorsOf(theft, datosOf(theft, withValue(told, path, value), around));
  it.each([
    [["denunciante", "identidad", "numero_documento"], "1234567", "El DNI tiene 8 números."],
    [["denunciante", "identidad", "celular"], "123456789", "El celular tiene 9 números y empieza con 9."],
    [["denunciante", "identidad", "nombres"], " ", "Escribe los nombres."],
    [["denunciante", "identidad", "celular"], "98765abc4321", "El celular tiene 9 números y empieza con 9."],
    [["celulares", 0, "imei"], "12", "El IMEI tiene 15 números. Si no lo tienes, déjalo vacío."],
    [["celulares"], [], "Dinos qué celular te robaron, aunque solo sepas la marca."],
    [["calificaciones"], [], "Marca al menos una."],
    [["hecho", "relato"], "", "Cuéntanos qué pasó."],
    [["hecho", "relato"], "corto", "Cuéntanos un poco más: con tan pocas palabras no se puede investigar."],
    [["hecho", "desde"], { ...blankWhen(), fecha: "2026-11-20" }, "Pon el día y la hora. Si no recuerdas la hora, elige «Solo la parte del día»."],
  ] as [(string | number)[], unknown, string][])("%j = %j", (path, value, words) => {
    expect(wrongWith(path, value)).toEqual({ [path.join(".")]: words });
  });
  it("a place left out is asked for at the place", () => {
    expect(Object.keys(wrongWith(["hecho", "lugar"], undefined))).toEqual(["hecho.lugar.origen"]);
  });
  it("a stretch of time ends after it begins", () => {
    const backwards = { ...blankWhen(), modo: "rango", fecha: "2026-11-20", hora: "10:00", hasta: { fecha: "2026-11-20", hora: "09:00" } };
    expect(wrongWith(["hecho", "desde"], backwards)).toEqual({ "hecho.hasta": "Debe ser después de la primera hora que pusiste." });
  });
  it.each([
    ["a whole day to come", { fecha: "2027-01-01", modo: "parte", parte: "dia" }, ["hecho.desde"]],
    ["an end to come", { fecha: "2026-11-20", hora: "10:00", modo: "rango", hasta: { fecha: "2027-01-01", hora: "10:00" } }, ["hecho.hasta"]],
    ["tomorrow at this hour, as another zone may say it", { fecha: "2026-11-22", hora: "14:00" }, []],
  ])("%s is asked again, once", (_, when, fields) => {
    const datos = datosOf(theft, withValue(told, ["hecho", "desde"], { ...blankWhen(), ...when }), around);
    const words = "Esa fecha todavía no llega. Revisa el día, el mes y el año.";
    expect(errorsOf(theft, datos, NOW)).toEqual(Object.fromEntries(fields.map((field) => [field, words])));
    expect(errorsOf(theft, datos)).toEqual({});
  });
  it("who denounces for a relative says for whom", () => {
    expect(wrongWith(["denunciante", "relacion"], "familiar")).toEqual({ agraviados: "Dinos a quién le pasó." });
  });
  it("each screen is told only its own", () => {
    const all = errorsOf(theft, datosOf(theft, {}, around));
    expect(Object.keys(errorsUnder(all, [["celulares"]]))).toEqual(["celulares"]);
  });
});

describe("what only deserves a second look", () => {
  const imei = schemaAt(theft, ["celulares", 0, "imei"]) ?? {};
  it("is an IMEI whose check digit does not fit", () => {
    expect(passesLuhn("356938035643809")).toBe(true);
    expect(warningsOf(imei, "356938035643809", NOW)).toEqual([]);
    expect(warningsOf(imei, "356938035643808", NOW)).toHaveLength(1);
    expect(warningsOf(imei, "35693803", NOW)).toEqual([]);
  });
  it("is a date that has not come", () => {
    const since = schemaAt(theft, ["hecho", "desde"]) ?? {};
    expect(warningsOf(since, "2026-11-22T10:00:00-05:00", NOW)).toHaveLength(1);
  });
});

describe("a rule of the form", () => {
  const denunciado = schemaAt(complaint, ["denunciado"]) ?? {};
  it("shows the unit only to whoever complains of one", () => {
    expect(isAsked(denunciado, "unidad", { nivel: "no_se" })).toBe(false);
    expect(isAsked(denunciado, "unidad", { nivel: "unidad" })).toBe(true);
  });
  it("forgets the unit when it is no longer asked", () => {
    const values = { denunciado: { nivel: "no_se", unidad: { codigo: "X1", nombre: "Comisaría X" } } };
    expect(datosOf(complaint, values, around)["denunciado"]).toEqual({ nivel: "no_se" });
  });
  it("asks why there should be reserve only of whoever asks for it", () => {
    const said: Values = { ...told, motivo_reserva: "Lo conozco" };
    expect(isAsked(theft, "motivo_reserva", datosOf(theft, said, around))).toBe(false);
    expect(datosOf(theft, said, around)["motivo_reserva"]).toBeUndefined();
    const reserved = datosOf(theft, { ...said, reserva: true }, around);
    expect(isAsked(theft, "motivo_reserva", reserved)).toBe(true);
    expect(reserved["motivo_reserva"]).toBe("Lo conozco");
    expect(errorsOf(theft, datosOf(theft, { ...told, reserva: true }, around))).toEqual({});
  });
  it("changes what a DNI looks like, so that the phone shows digits", () => {
    const person = schemaAt(theft, ["denunciante", "identidad"]) ?? {};
    expect(inForce(person, { tipo_documento: "dni" }).properties?.["numero_documento"]?.pattern).toBe("^[0-9]{8}$");
    expect(inForce(person, { tipo_documento: "ce" }).properties?.["numero_documento"]?.pattern).not.toBe("^[0-9]{8}$");
  });
});

describe("a place that may only be a zone", () => {
  const point = { ...startPlace(), mode: "mapa", point: { lat: -12, lon: -77 } };
  it("never carries a point", () => {
    const sent = JSON.stringify(datosOf(theft, withValue(told, ["hecho", "lugar"], point), { ...around, isZoneOnly: true }));
    expect(sent).not.toContain('"lat"');
  });
});

describe("members without a word", () => {
  it("are forgotten, those with one stay", () => {
    const witnesses = schemaAt(theft, ["testigos"]) ?? {};
    const kept = withoutEmptyMembers(witnesses, [{}, { identidad: { nombres: " " } }, { vio: "Todo" }], around);
    expect(kept).toEqual([{ vio: "Todo" }]);
  });
});

describe("what people type", () => {
  it.each([["S/ 1,500.50", 1500.5], ["1500,50", 1500.5], ["1 500", 1500], ["1.500,50", 1500.5], ["", undefined], ["mucho", "mucho"]])(
    "%j is %j", (typed, meant) => expect(numberOf(typed)).toBe(meant));
  it.each([["abc-123", "codigo", "ABC123"], ["+51 900 000 001", "celular", "900000001"], ["51900000001", "celular", "900000001"], [" Rosa ", undefined, "Rosa"]])(
    "%j is %j", (typed, kind, meant) => expect(normal(typed, kind)).toBe(meant));
  it.each([["datos.celulares[0].imei", "celulares.0.imei"], ["hecho.relato", "hecho.relato"]])(
    "the server's %j is %j", (campo, path) => expect(pathOfCampo(campo)).toBe(path));
});

describe("a part of the day", () => {
  const tonight = { ...blankWhen(), modo: "parte" as const, fecha: "2026-11-21", parte: "dia" };
  it("does not reach into the future", () => {
    expect(startOf(tonight)).toBe("2026-11-21T00:00:00-05:00");
    expect(endOf(tonight, NOW)).toBe("2026-11-21T15:00:00-05:00");
  });
});
