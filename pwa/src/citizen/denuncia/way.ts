/** Which screen of the form is open; the phone's own back button goes one step back instead of leaving. */
import { useEffect, useState } from "preact/hooks";
import type { Slot } from "./draft";

export const CHOOSING = -1;

/** Whose draft a reload goes on with is told by its place, never by its matter. */
export interface At { paso: number; desde: number | null; cajon: Slot | null }

export function useWay(): [number, (step: number, slot: Slot | null) => void, () => void] {
  const [step, setStep] = useState<number>(() => here()?.paso ?? CHOOSING);
  useEffect(() => {
    if (!here()) history.replaceState({ paso: CHOOSING, desde: null, cajon: null } satisfies At, "");
    const onPop = (event: PopStateEvent): void => setStep((event.state as At | null)?.paso ?? CHOOSING);
    window.addEventListener("popstate", onPop);
    return () => window.removeEventListener("popstate", onPop);
  }, []);

  function go(next: number, slot: Slot | null): void {
    if (next === step) return;
    history.pushState({ paso: next, desde: step, cajon: slot } satisfies At, "");
    setStep(next);
  }
  function back(): void {
    const before = Math.max(step - 1, CHOOSING);
    if (here()?.desde === before) return history.back();
    // Arrived from elsewhere, as from the review: there is no such page behind.
    history.replaceState({ paso: before, desde: null, cajon: here()?.cajon ?? null } satisfies At, "");
    setStep(before);
  }
  return [step, go, back];
}

export function here(): At | null {
  const state = history.state as Partial<At> | null;
  return typeof state?.paso === "number" ? (state as At) : null;
}
