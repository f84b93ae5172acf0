/** Yesterday's confirmed kinds by zone of the own sector, and "yo también lo vi". No text, no photo, nothing sensible. */
import { useEffect, useRef, useState } from "preact/hooks";
import { ask } from "../shared/api";
import { Icon } from "../shared/icon";
import { Notice } from "../shared/pieces";
import { t } from "../shared/texts";
import { longDay } from "../shared/words";
import { Zoom } from "../map/picker";
import { CONFIRMADOS } from "./api";
import type { Celda, Confirmados, Gate, TipoConfirmado } from "./api";
import type { MapView } from "./cells_map";
import { Failed, Heading, problemOf, useAsked, useBusy } from "./pieces";
import { drawingOf } from "./sketch";
import { j } from "./texts";

export function Confirmed({ gate }: { gate: Gate }) {
  const { answer, problem, again } = useAsked<Confirmados>(CONFIRMADOS, gate);
  return (
    <>
      <Heading>{j.confirmed.heading}</Heading>
      {problem ? <Failed problem={problem} onRetry={again} />
        : answer ? <Zones found={answer} gate={gate} />
        : <p role="status">{t.loading}</p>}
    </>
  );
}

function Zones({ found: { dia, celdas, aviso }, gate }: { found: Confirmados; gate: Gate }) {
  if (aviso) return <Notice tone="aviso" icon="map">{aviso}</Notice>;
  if (!celdas.length) return <p>{j.confirmed.none}</p>;
  return (
    <>
      <p><strong>{j.confirmed.day(longDay(dia))}</strong> {j.confirmed.what}</p>
      <Sketch cells={celdas} />
      <OpenMap cells={celdas} />
      <ol class="zonas">
        {celdas.map((cell, index) => (
          <li key={cell.celda} class="bloque">
            <h2><span class="numero-zona" aria-hidden="true">{index + 1}</span> {j.confirmed.zone(index + 1)}</h2>
            <ul>
              {cell.tipos.map((kind) => (
                <Kind key={kind.categoria} {...{ kind, gate, dia }} celda={cell.celda} zone={index + 1} />
              ))}
            </ul>
          </li>
        ))}
      </ol>
    </>
  );
}

interface KindProps { kind: TipoConfirmado; celda: string; dia: string; zone: number; gate: Gate }

function Kind({ kind, celda, dia, zone, gate }: KindProps) {
  const [isSaid, setSaid] = useState(kind.ya_lo_dijo);
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, run] = useBusy();
  async function say(): Promise<void> {
    setProblem(null);
    try {
      await ask(CONFIRMADOS, { celda, categoria: kind.categoria, dia }, gate.sesion.acceso);
      setSaid(true);
    } catch (error) {
      setProblem(problemOf(error, gate.shut)?.words ?? null);
    }
  }
  return (
    <li class="confirmado">
      <span>{kind.nombre}</span>
      <div role="status">
        {isSaid && <span class="guardado"><Icon name="check" /> <span>{j.confirmed.said}</span></span>}
        {problem && <Notice tone="error" icon="alert-triangle">{problem}</Notice>}
      </div>
      {!isSaid && (
        <button type="button" class="boton segundo" disabled={isBusy} aria-label={j.confirmed.meOf(kind.nombre, zone)} onClick={() => run(say)}>
          {j.confirmed.me}
        </button>
      )}
    </li>
  );
}

function Sketch({ cells }: { cells: Celda[] }) {
  const drawing = drawingOf(cells);
  return (
    <figure class="dibujo">
      <svg viewBox={`0 0 ${drawing.width} ${drawing.height}`} role="img" aria-label={j.confirmed.sketch(cells.length)}>
        {drawing.shapes.map(({ number, points, x, y, size }) => (
          <g key={number}>
            <polygon points={points} />
            <text x={x} y={y} font-size={Math.max(Math.min(size * 0.42, 22), 7)}>{number}</text>
          </g>
        ))}
      </svg>
      <figcaption class="ayuda">
        <span aria-hidden="true">▲ {j.confirmed.north}</span> · {j.confirmed.scale(drawing.metresWide)}
      </figcaption>
    </figure>
  );
}

function OpenMap({ cells }: { cells: Celda[] }) {
  const [state, setState] = useState<"closed" | "opening" | "open" | "failed">("closed");
  const holder = useRef<HTMLDivElement>(null);
  const map = useRef<MapView | null>(null);
  const isWanted = state === "opening" || state === "open";
  useEffect(() => {
    if (!isWanted) return;
    let isStale = false;
    const opened = async (): Promise<void> => {
      const { openCells } = await import("./cells_map");
      if (!holder.current) return;
      const made = await openCells(holder.current, cells);
      if (isStale) return made.remove();
      map.current = made;
      setState("open");
    };
    opened().catch(() => isStale || setState("failed"));
    return () => { isStale = true; map.current?.remove(); map.current = null; };
  }, [isWanted]);
  if (state === "failed") return <Notice tone="aviso" icon="map" live>{j.confirmed.mapFailed}</Notice>;
  return (
    <>
      {isWanted && (
        <div class="marco-mapa">
          <div class="mapa" ref={holder} />
          {state === "opening" && <p class="cargando" role="status">{t.risk.opening}</p>}
          <Zoom map={map} />
        </div>
      )}
      <p>
        <button type="button" class="boton menor" onClick={() => setState(isWanted ? "closed" : "opening")}>
          <Icon name="map" /> {isWanted ? j.confirmed.closeMap : j.confirmed.openMap}
        </button>
      </p>
    </>
  );
}
