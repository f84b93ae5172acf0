/** Which screen is open; the history of the browser holds numbers alone, never what they were. */
import { useEffect, useRef, useState } from "preact/hooks";

export type Screen = "home" | "source" | "what" | "photo" | "send" | "fates" | "summary" | "confirmed";

interface At { paso: number }

/** The phone's own back button goes to the screen before. */
export function useScreens(): [Screen, (screen: Screen) => void] {
  const visited = useRef<Screen[]>(["home"]);
  const now = useRef(0);
  const [screen, show] = useState<Screen>("home");
  useEffect(() => {
    history.replaceState({ paso: 0 } satisfies At, "");
    const onPop = ({ state }: PopStateEvent): void => {
      // The link to the content moves inside the screen.
      if (state === null) return;
      now.current = (state as At).paso;
      show(visited.current[now.current] ?? "home");
    };
    window.addEventListener("popstate", onPop);
    return () => window.removeEventListener("popstate", onPop);
  }, []);
  return [screen, (next) => {
    now.current += 1;
    visited.current = [...visited.current.slice(0, now.current), next];
    history.pushState({ paso: now.current } satisfies At, "", location.pathname);
    show(next);
  }];
}
