/** An unfinished denuncia on this phone; of a reserved matter only when the person asks for it. */
import type { Values } from "./schema";

/** Each in a place of its own: neither ever takes the other's. */
const KEYS = { ordinary: "ya.denuncia", reserved: "ya.denuncia.r" } as const;
/** After this nobody remembers having begun it, and a shared phone should not either. */
const LASTS_MS = 30 * 24 * 3600_000;

export type Slot = keyof typeof KEYS;
export const SLOTS: readonly Slot[] = ["ordinary", "reserved"];
export const slotOf = (isSensible: boolean): Slot => (isSensible ? "reserved" : "ordinary");

/** Raised when what is typed is held differently: an older draft would be misread. */
const SHAPE = 1;

export interface Draft { asunto: string; values: Values; step: number; photos: number; at: number }

export function readDraft(slot: Slot, now = Date.now()): Draft | null {
  try {
    const draft = JSON.parse(localStorage.getItem(KEYS[slot]) ?? "null") as (Draft & { shape?: number }) | null;
    const isGood = draft !== null && draft.shape === SHAPE && typeof draft.asunto === "string" && typeof draft.values === "object";
    if (isGood && now - draft.at < LASTS_MS) return draft;
    if (draft) discardDraft(slot);
    return null;
  } catch {
    return null; // storage switched off, or not ours
  }
}

/** False when the phone does not let anything be kept. */
export function writeDraft(slot: Slot, draft: Draft): boolean {
  try {
    localStorage.setItem(KEYS[slot], JSON.stringify({ ...draft, shape: SHAPE }));
    return true;
  } catch {
    return false;
  }
}

export function discardDraft(slot: Slot): void {
  try {
    localStorage.removeItem(KEYS[slot]);
  } catch {
    // Nothing could be written there either.
  }
}
