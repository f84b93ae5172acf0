/** The list of districts, fetched once when somebody has to write a place. */
import { call } from "./api";

export interface District { ubigeo: string; name: string; label: string }

type Row = [ubigeo: string, name: string, province: string];

/** After this a name is typed without a list: a slow line must not stand between a person and the button. */
const PATIENCE_MS = 6000;

let list: Promise<District[]> | null = null;

export function districts(): Promise<District[]> {
  list ??= Promise.race([fetched(), tooLate()]).catch((error: unknown) => {
    list = null;
    throw error;
  });
  return list;
}

async function fetched(): Promise<District[]> {
  const { distritos } = await call<{ distritos: Row[] }>("/distritos.json");
  return distritos.map(([ubigeo, name, province]) => ({ ubigeo, name, label: `${name}, ${province}` }));
}

function tooLate(): Promise<never> {
  return new Promise((_, fail) => setTimeout(() => fail(new Error("the list of districts is late")), PATIENCE_MS));
}

function folded(text: string): string {
  return text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/[^a-z0-9]+/g, " ").trim();
}

/** The one district that the typed words mean; null for none or several. */
export function districtNamed(typed: string, known: readonly District[]): District | null {
  const words = folded(typed);
  const whole = known.find(({ label }) => folded(label) === words);
  if (whole) return whole;
  const sameName = known.filter(({ name }) => folded(name) === words);
  return sameName.length === 1 ? (sameName[0] ?? null) : null;
}
