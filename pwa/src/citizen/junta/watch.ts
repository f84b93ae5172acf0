/** Closes the screen by itself: nobody touches it, or the page is left. */
import { useEffect } from "preact/hooks";

const IDLE_MS = 5 * 60_000;
const LOOK_EACH_MS = 5_000;
const TOUCHES = ["pointerdown", "keydown", "input", "scroll"];

/** A phone that slept runs no timers, so every touch looks at the clock before it counts. */
export function useIdle(isOpen: boolean, shut: () => void): void {
  useEffect(() => {
    if (!isOpen) return;
    let last = Date.now();
    const look = (): void => {
      if (Date.now() - last >= IDLE_MS) shut();
    };
    const touch = (): void => {
      look();
      last = Date.now();
    };
    const timer = window.setInterval(look, LOOK_EACH_MS);
    for (const name of TOUCHES) window.addEventListener(name, touch, { passive: true, capture: true });
    document.addEventListener("visibilitychange", look);
    return () => {
      window.clearInterval(timer);
      for (const name of TOUCHES) window.removeEventListener(name, touch, { capture: true });
      document.removeEventListener("visibilitychange", look);
    };
  }, [isOpen]);
}

/** What was open is gone before a browser keeps the page for its back button. */
export function useLeaving(onLeave: () => void): void {
  useEffect(() => {
    window.addEventListener("pagehide", onLeave);
    return () => window.removeEventListener("pagehide", onLeave);
  }, []);
}
