/** Asks for the desk's news, and says honestly when it cannot. Asking is also the heartbeat. */

const TIMEOUT_MS = 10_000;
// One lost answer is a hiccup; two in a row are no connection.
const MISSES = 2;

export interface News { version: string; arrivals: Map<string, boolean>; page: DocumentFragment }

export interface Ear {
  heard(news: News): void;
  lost(isLost: boolean): void;
  signedOut(): void;
}

/** What a page or an answer says of its version and of who waits: `id:u id:n …`. */
export function readNews(page: ParentNode): Omit<News, "page"> | undefined {
  const marks = page.querySelector<HTMLElement>("[data-news]")?.dataset;
  if (!marks) return undefined;
  const words = (marks["arrivals"] ?? "").split(" ").filter((word) => word !== "");
  const arrivals = new Map(words.map((word) => [word.slice(0, -2), word.endsWith("u")]));
  return { version: marks["version"] ?? "", arrivals };
}

export function listen(address: string, query: URLSearchParams, version: string, every: number, ear: Ear): void {
  let isAsking = false, misses = 0;
  const ask = async (): Promise<void> => {
    if (isAsking) return; // a slow line is asked once at a time
    isAsking = true;
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), TIMEOUT_MS);
    try {
      query.set("desde", version);
      const answer = await fetch(`${address}?${query}`, { headers: { "HX-Request": "true" }, signal: patience.signal });
      if (answer.status === 401 || answer.status === 403) return ear.signedOut();
      if (!answer.ok) throw new Error(String(answer.status));
      if (misses >= MISSES) ear.lost(false);
      misses = 0;
      if (answer.status === 204) return;
      const page = document.createRange().createContextualFragment(await answer.text());
      const news = readNews(page);
      if (news) {
        version = news.version;
        ear.heard({ ...news, page });
      }
    } catch {
      misses += 1;
      if (misses === MISSES) ear.lost(true);
    } finally {
      clearTimeout(timer);
      isAsking = false;
    }
  };
  tickEvery(every, () => void ask());
  document.addEventListener("visibilitychange", () => document.hidden || void ask());
  addEventListener("online", () => void ask());
}

function tickEvery(every: number, tick: () => void): void {
  try {
    const clock = new Worker(new URL("./tick.ts", import.meta.url), { type: "module" });
    clock.addEventListener("message", tick);
    clock.postMessage(every);
  } catch {
    setInterval(tick, every);
  }
}
