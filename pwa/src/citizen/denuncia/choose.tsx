/** First what cannot be denounced here, with whom to call and where to go; then what can. */
import { useState } from "preact/hooks";
import { call } from "../shared/api";
import { Icon } from "../shared/icon";
import { Notice, StepHeading, Tel } from "../shared/pieces";
import { findPosition } from "../shared/position";
import type { Asunto, Desvio, Offered } from "./api";
import { AsuntoIcon } from "./icon";
import { d } from "./texts";

interface Props {
  offered: Offered;
  unfinished: { asunto: Asunto; onGo: () => void; onDiscard: () => void }[];
  isErased: boolean;
  onChoose: (asunto: Asunto) => void;
}

export function Choose({ offered: { asuntos, desvios }, unfinished, isErased, onChoose }: Props) {
  const tiles = (kind: Asunto["tipo"], heading: string, note: string) => (
    <section class="grupo">
      <h2>{heading}</h2>
      <p class="ayuda">{note}</p>
      <ul class="azulejos">
        {asuntos.filter(({ tipo }) => tipo === kind).map((asunto) => (
          <li key={asunto.codigo}>
            <button type="button" class="azulejo" data-codigo={asunto.codigo} onClick={() => onChoose(asunto)}>
              <AsuntoIcon name={asunto.icono} />
              <span>{asunto.nombre}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
  return (
    <>
      <StepHeading title={d.title}>{d.choose.heading}</StepHeading>
      <div role="status">{isErased && <Notice tone="bien" icon="check">{d.draft.discarded}</Notice>}</div>
      {unfinished.map((one) => <Unfinished key={one.asunto.codigo} {...one} />)}
      <section class="grupo">
        <h2>{d.choose.first}</h2>
        <p class="ayuda">{d.choose.firstWhy}</p>
        <ul class="desvios">{desvios.map((desvio) => <li key={desvio.codigo}><Detour {...desvio} /></li>)}</ul>
      </section>
      <h2 class="pregunta">{d.choose.then}</h2>
      {tiles("denuncia", d.choose.denuncias, d.choose.denunciasNote)}
      {tiles("queja", d.choose.quejas, d.choose.quejasNote)}
    </>
  );
}

/** The line stands beside the name, one tap away; what to do and where to go opens below. */
function Detour({ nombre, texto, linea, ir_a }: Desvio) {
  return (
    <div class="desvio">
      <details>
        <summary><span>{nombre}</span></summary>
        <p>{texto}</p>
        {ir_a === "alerta" && <p><a class="boton segundo" href="/"><Icon name="bell-ringing" /> {d.choose.alert}</a></p>}
        {ir_a === "comisaria" && <Stations />}
      </details>
      {linea && (
        <a class="boton emergencia" href={`tel:${linea.numero}`} aria-label={`${d.choose.call(linea.numero)}: ${nombre}`}>
          <Icon name="phone-call" /> {linea.numero}
        </a>
      )}
    </div>
  );
}

function Unfinished({ asunto, onGo, onDiscard }: Props["unfinished"][number]) {
  return (
    <Notice tone="calma" icon="pencil">
      <h2>{d.draft.found}</h2>
      <p>{d.draft.about(asunto.nombre)}</p>
      <div class="acciones pares">
        <button type="button" class="boton principal" onClick={onGo}>{d.draft.go}</button>
        <button type="button" class="boton segundo" onClick={onDiscard}><Icon name="trash" /> {d.draft.discard}</button>
      </div>
    </Notice>
  );
}

interface Station { nombre: string; telefono: string | null; distancia_m: number }

/** The position is asked only at the tap, and is not kept. */
function Stations() {
  const [near, setNear] = useState<Station[] | null>(null);
  const [words, say] = useState("");
  function look(): void {
    say(d.choose.stationsAsking);
    let isAsked = false;
    const stop = findPosition(({ lat, lon }) => {
      if (isAsked) return;
      isAsked = true;
      window.setTimeout(() => stop(), 0);
      call<{ comisarias: Station[] }>("/api/v1/comisarias/cerca", { lat, lon }).then(({ comisarias }) => {
        setNear(comisarias);
        say(comisarias.length ? d.choose.stationsFound : d.choose.stationsNone);
      }, () => say(d.choose.stationsDenied));
    }, () => say(d.choose.stationsDenied));
  }
  return (
    <>
      {!near && <button type="button" class="boton segundo" onClick={look}><Icon name="map-pin" /> {d.choose.stations}</button>}
      <p class="ayuda" role="status">{words}</p>
      {near && near.length > 0 && (
        <ul class="lista">
          {near.slice(0, 3).map(({ nombre, telefono, distancia_m }) => (
            <li key={nombre}>
              <span class="comisaria-cerca"><strong>{nombre}</strong>, {d.choose.metres(distancia_m)}</span>
              {telefono && <Tel number={telefono} />}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
