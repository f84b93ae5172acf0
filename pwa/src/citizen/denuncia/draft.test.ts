import { beforeEach, describe, expect, it, vi } from "vitest";
import { discardDraft, readDraft, writeDraft } from "./draft";

const DAY_MS = 24 * 3600_000;

/** The phone's storage, or one that is full. */
function storage(isFull = false): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => {
      if (isFull) throw new DOMException("full", "QuotaExceededError");
      kept.set(key, value);
    },
    removeItem: (key: string) => void kept.delete(key),
    get length() { return kept.size; },
  } as unknown as Storage;
}

const draft = { asunto: "robo_celular_denuncia", values: { hecho: { relato: "Me robaron" } }, step: 2, photos: 1, at: Date.now() };

describe("a draft", () => {
  beforeEach(() => vi.stubGlobal("localStorage", storage()));

  it("comes back as it was", () => {
    writeDraft("ordinary", draft);
    expect(readDraft("ordinary")).toMatchObject(draft);
  });
  it("of a reserved matter has a place of its own", () => {
    writeDraft("ordinary", draft);
    expect(readDraft("reserved")).toBeNull();
    discardDraft("reserved");
    expect(readDraft("ordinary")).not.toBeNull();
  });
  it("is erased when discarded", () => {
    writeDraft("ordinary", draft);
    discardDraft("ordinary");
    expect(localStorage.length).toBe(0);
  });
  it("is erased when nobody came back for a month", () => {
    writeDraft("ordinary", draft);
    expect(readDraft("ordinary", Date.now() + 31 * DAY_MS)).toBeNull();
    expect(localStorage.length).toBe(0);
  });
  it("of another shape is not misread", () => {
    localStorage.setItem("ya.denuncia", JSON.stringify({ ...draft, shape: 0 }));
    expect(readDraft("ordinary")).toBeNull();
  });
  it("that is not ours is left unread", () => {
    localStorage.setItem("ya.denuncia", "{broken");
    expect(readDraft("ordinary")).toBeNull();
  });
  it("that the phone refuses to keep is told", () => {
    vi.stubGlobal("localStorage", storage(true));
    expect(writeDraft("ordinary", draft)).toBe(false);
  });
});
