/** Which screen is open; the history of the browser holds numbers alone, never what they were. */
import { useEffect, useRef, useState } from "preact/hooks";

export type Screen = "home" | "source" | "what" | "photo" | "send" | "fates" | "summary" | "confirmed";

interface At { paso: number }

/** `back` goes to the screen before as the phone's own button does. */
export function useScreens(): [Screen, (screen: Screen) => void, () => void] {
  const visited = useRef<Screen[]>(["home"]);
  const [screen, show] = useState<Screen>("home");
  useEffect(() => {
    history.replaceState({ paso: 0 } satisfies At, "");
    const onPop = (event: PopStateEvent): void => show(visited.current[(event.state as At | null)?.paso ?? 0] ?? "home");
    window.addEventListener("popstate", onPop);
    return () => window.removeEventListener("popstate", onPop);
  }, []);
  function go(next: Screen): void {
    const paso = here() + 1;
    visited.current = [...visited.current.slice(0, paso), next];
    history.pushState({ paso } satisfies At, "");
    show(next);
  }
  function back(): void {
    if (here() > 0) history.back();
    else show("home");
  }
  return [screen, go, back];
}

const here = (): number => (history.state as At | null)?.paso ?? 0;
