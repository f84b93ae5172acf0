/** What stays on this phone: the installation's credential, the person's own list, and an unfinished alert. */
import { call } from "./api";

const CREDENTIAL = "ya.dispositivo";
const OWN_LIST = "ya.alertas";
const DRAFT = "ya.borrador";

export interface OwnAlert { numero: string; clave: string; nombre: string; fecha: string }

function read<T>(area: () => Storage, key: string): T | null {
  try {
    const text = area().getItem(key);
    return text ? (JSON.parse(text) as T) : null;
  } catch {
    return null; // storage switched off, full, or not ours
  }
}

function write(area: () => Storage, key: string, value: unknown): boolean {
  try {
    if (value === null) area().removeItem(key);
    else area().setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

const phone = (): Storage => localStorage;
const tab = (): Storage => sessionStorage;

let inMemory: string | null = null;

/** `keep` false leaves no trace on the phone: for sensible matters. */
export async function credential(keep: boolean): Promise<string> {
  const known = inMemory ?? read<string>(phone, CREDENTIAL);
  if (known) return known;
  const { token } = await call<{ token: string }>("/api/v1/dispositivos", {});
  inMemory = token;
  if (keep) write(phone, CREDENTIAL, token);
  return token;
}

export function forgetCredential(): void {
  inMemory = null;
  write(phone, CREDENTIAL, null);
}

export function ownAlerts(): OwnAlert[] {
  return read<OwnAlert[]>(phone, OWN_LIST) ?? [];
}

export function saveOwn(alert: OwnAlert): boolean {
  const others = ownAlerts().filter((one) => one.numero !== alert.numero);
  return write(phone, OWN_LIST, [alert, ...others].slice(0, 50));
}

export function forgetOwn(numero: string): void {
  const left = ownAlerts().filter((one) => one.numero !== numero);
  write(phone, OWN_LIST, left.length ? left : null);
}

/** Cheap phones drop the tab while the camera is open: what was chosen and typed survives in the tab's storage. */
export interface Draft { categoria: string; descripcion: string; referencia: string }

export const readDraft = (): Draft | null => read<Draft>(tab, DRAFT);
export const writeDraft = (draft: Draft | null): boolean => write(tab, DRAFT, draft);
