/** Behind the PIN: four tiles, what they open, and a way out on every screen. */
import type { VNode } from "preact";
import { Icon } from "../shared/icon";
import { useLeaveWarning } from "../shared/leave";
import { Notice, Tel } from "../shared/pieces";
import { Confirmed } from "./confirmed";
import type { CategoriaDeJunta, Gate } from "./api";
import { Fates } from "./fates";
import { discard, hasTold, hasUnread } from "./informe";
import type { Informe } from "./informe";
import { dateWords } from "./months";
import { Heading } from "./pieces";
import { useScreens } from "./screens";
import type { Screen } from "./screens";
import { Summary } from "./summary";
import { Tell } from "./tell";
import { j } from "./texts";

interface Props {
  gate: Gate;
  said: string | null;
  categories: CategoriaDeJunta[];
  informe: Informe;
  onInforme: (alter: (now: Informe) => Informe) => void;
  onLeave: () => void;
}

export function Inside(props: Props) {
  const [screen, go] = useScreens();
  const isHome = screen === "home";
  useLeaveWarning(hasTold(props.informe) || hasUnread(props.informe));
  return (
    <>
      <div class="barra-junta no-imprimir">
        {isHome ? <span /> : <button type="button" class="enlace volver" onClick={() => go("home")}><Icon name="home" /> {j.home.home}</button>}
        <button type="button" class="boton menor" onClick={props.onLeave}><Icon name="lock" /> {j.home.leave}</button>
      </div>
      {isHome ? <Home {...props} go={go} /> : <Opened {...props} screen={screen} go={go} />}
    </>
  );
}

type Going = Props & { go: (screen: Screen) => void };

function Opened({ gate, categories, informe, onInforme, screen, go }: Going & { screen: Screen }): VNode {
  if (screen === "fates") return <Fates gate={gate} />;
  if (screen === "summary") return <Summary gate={gate} />;
  if (screen === "confirmed") return <Confirmed gate={gate} />;
  return (
    <Tell {...{ gate, categories, informe, screen, onInforme, go }}
      onFates={() => { onInforme(discard); go("fates"); }}
      onAnother={() => { onInforme(discard); go("source"); }} />
  );
}

const TILES: { screen: Screen; icon: string; words: string; hint: string }[] = [
  { screen: "source", icon: "bell-ringing", words: j.home.tell, hint: j.home.tellHint },
  { screen: "fates", icon: "list-search", words: j.home.fates, hint: j.home.fatesHint },
  { screen: "summary", icon: "volume", words: j.home.summary, hint: j.home.summaryHint },
  { screen: "confirmed", icon: "map-pin", words: j.home.confirmed, hint: j.home.confirmedHint },
];

function Home({ gate: { sesion }, said, informe, onInforme, go }: Going) {
  const { nombre, telefono } = sesion.comisaria;
  function open(screen: Screen): void {
    // What was sent and noted is over: the tile begins a new one.
    if (screen === "source" && !hasTold(informe) && !hasUnread(informe)) onInforme(discard);
    go(screen);
  }
  return (
    <>
      <Heading>{sesion.junta.nombre}</Heading>
      <div role="status">{said && <Notice tone="bien" icon="check">{said}</Notice>}</div>
      {sesion.aviso && <Notice tone="aviso" icon="clock">{sesion.aviso}</Notice>}
      <Unfinished {...{ informe, onInforme, go }} />
      <ul class="puertas" aria-label={j.home.tiles}>
        {TILES.map(({ screen, icon, words, hint }) => (
          <li key={screen}>
            <button type="button" class="puerta" onClick={() => open(screen)}>
              <Icon name={icon} /> <span><strong>{words}</strong><small>{hint}</small></span>
            </button>
          </li>
        ))}
      </ul>
      <p class="ayuda">{j.home.comisaria} {nombre}{telefono && <> · <Tel number={telefono} /></>}</p>
      <p class="ayuda">{j.home.until(dateWords(sesion.vigente_hasta))}</p>
    </>
  );
}

function Unfinished({ informe, onInforme, go }: Pick<Going, "informe" | "onInforme" | "go">) {
  const isUnread = hasUnread(informe);
  if (!isUnread && !hasTold(informe)) return null;
  return (
    <Notice tone="aviso" icon="pencil">
      <p><strong>{isUnread ? j.home.unread : j.home.unsent}</strong></p>
      <div class="acciones pares">
        <button type="button" class="boton segundo" onClick={() => go("send")}>{j.home.goOn}</button>
        {!isUnread && <button type="button" class="boton segundo" onClick={() => onInforme(discard)}>{j.home.discard}</button>}
      </div>
    </Notice>
  );
}
