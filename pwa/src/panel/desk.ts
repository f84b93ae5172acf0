/** The open desk: news without reload, a sound, time left that counts down. Also hears elsewhere. */
import "./desk/desk.css";
import { notice, sayLost, saySignedOut, setUpSound } from "./desk/attention";
import { countDown } from "./desk/countdown";
import { listen, readNews } from "./desk/ear";
import { refreshRegions } from "./desk/regions";

const ON_DESK_MS = 1500;
const ELSEWHERE_MS = 3000;

const ear = document.getElementById("oido");
if (ear?.dataset["url"]) start(ear, ear.dataset["url"]);
setInterval(countDown, 1000);

function start(ear: HTMLElement, address: string): void {
  const isDesk = document.querySelector('[data-region="lista"]') !== null;
  const query = new URLSearchParams(ear.dataset["query"]);
  if (!isDesk) query.set("solo", "avisos");
  const now = readNews(document);
  setUpSound();
  if (now) notice(now.arrivals);
  listen(address, query, now?.version ?? "", isDesk ? ON_DESK_MS : ELSEWHERE_MS, {
    heard(news) {
      refreshRegions(news.page);
      countDown();
      notice(news.arrivals);
    },
    lost: sayLost,
    signedOut: saySignedOut,
  });
}
