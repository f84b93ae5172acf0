/** Asks before the page is left while something would be lost. */
import { useEffect } from "preact/hooks";

export function useLeaveWarning(isNeeded: boolean): void {
  useEffect(() => {
    if (!isNeeded) return;
    const warn = (event: BeforeUnloadEvent): void => {
      // Calling for help is never asked twice.
      if (document.activeElement?.getAttribute("href")?.startsWith("tel:")) return;
      event.preventDefault();
      event.returnValue = "";
    };
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [isNeeded]);
}
