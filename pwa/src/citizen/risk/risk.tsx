/** The public risk map: classes of zones, their legend, and the same in words for those who do not see it. */
import { useEffect, useRef, useState } from "preact/hooks";
import { call } from "../shared/api";
import { Icon } from "../shared/icon";
import { Notice } from "../shared/pieces";
import { startOfMaps } from "../shared/page";
import { findPosition } from "../shared/position";
import { t } from "../shared/texts";
import { Zoom } from "../map/picker";
import type { MapView } from "../map/map";

export const CLASS_COLORS = ["", "#fee3b0", "#fdb45c", "#e06f1f", "#8f2d04"];
const ZONES_FROM_ZOOM = 10; // the server's PUBLIC_ZOOMS
const LAYERS = ["integrado", "delito", "riesgo"];

export function RiskMap() {
  const holder = useRef<HTMLDivElement>(null);
  const map = useRef<MapView | null>(null);
  const [layer, setLayer] = useState("integrado");
  const [state, setState] = useState<"opening" | "open" | "failed">("opening");
  const [isFar, setFar] = useState(false);

  useEffect(() => {
    open(holder.current).then(
      (opened) => {
        map.current = opened;
        opened.on("zoomend", () => setFar(opened.getZoom() < ZONES_FROM_ZOOM));
        setState("open");
      },
      () => setState("failed"),
    );
    return () => map.current?.remove();
  }, []);
  useEffect(() => {
    if (state === "open" && map.current) void showLayer(map.current, layer);
  }, [state, layer]);

  return (
    <>
      <fieldset class="selector">
        <legend>{t.risk.layer}</legend>
        <div>
          {LAYERS.map((name) => (
            <label key={name}>
              <input type="radio" name="capa" checked={layer === name} onChange={() => setLayer(name)} />
              <span>{t.risk.layers[name]}</span>
            </label>
          ))}
        </div>
      </fieldset>
      {state === "failed" ? <Notice tone="aviso" icon="map" live>{t.risk.failed}</Notice> : (
        <div class="marco-mapa alto">
          <div class="mapa" ref={holder} />
          {state === "opening" && <p class="cargando" role="status">{t.risk.opening}</p>}
          {isFar && <p class="cargando sobre-mapa" role="status">{t.risk.closer}</p>}
          <Zoom map={map} />
        </div>
      )}
      <Around layer={layer} map={map} />
    </>
  );
}

async function open(holder: HTMLElement | null): Promise<MapView> {
  if (!holder) throw new Error("no place for the map");
  const { baseStyle, openMap } = await import("../map/map");
  const map = await openMap(holder, startOfMaps(), baseStyle([]), t.map.label);
  map.setPaintProperty("jurisdicciones", "line-opacity", 0.3);
  map.addImage("rayas", stripes());
  // Farther out there are no zones to draw, so nothing may look as if it had been looked at.
  map.addLayer({ id: "sin-informacion", type: "background", minzoom: ZONES_FROM_ZOOM,
    paint: { "background-pattern": "rayas" } }, "jurisdicciones");
  return map;
}

async function showLayer(map: MapView, layer: string): Promise<void> {
  const { tiles } = await import("../map/map");
  if (map.getLayer("riesgo")) map.removeLayer("riesgo");
  if (map.getSource("riesgo")) map.removeSource("riesgo");
  map.addSource("riesgo", { type: "vector", tiles: tiles(`/api/v1/riesgo/${layer}`), minzoom: ZONES_FROM_ZOOM, maxzoom: 14 });
  map.addLayer({
    id: "riesgo", type: "fill", source: "riesgo", "source-layer": "riesgo", filter: [">", ["get", "clase"], 0],
    paint: {
      "fill-color": ["match", ["get", "clase"], 1, CLASS_COLORS[1]!, 2, CLASS_COLORS[2]!, 3, CLASS_COLORS[3]!, CLASS_COLORS[4]!],
      "fill-outline-color": "#ffffff",
    },
  }, "jurisdicciones");
}

/** Hatching for «sin información»: never pale, never a colour of the scale. */
function stripes(): { width: number; height: number; data: Uint8ClampedArray } {
  const side = 12;
  const data = new Uint8ClampedArray(side * side * 4);
  for (let pixel = 0; pixel < side * side; pixel += 1) {
    const isLine = ((pixel % side) + Math.floor(pixel / side)) % side < 2;
    data.set(isLine ? [168, 181, 186, 255] : [238, 242, 241, 255], pixel * 4);
  }
  return { width: side, height: side, data };
}

interface Zone { celdas: { celda: string; clase: number }[] }

/** The server is asked for a large cell, so it need not know where the person stands. */
function Around({ layer, map }: { layer: string; map: { current: MapView | null } }) {
  const [said, say] = useState<string[] | null>(null);
  const [status, setStatus] = useState("");
  function look(lat: number, lon: number): void {
    void import("../map/cells")
      .then(({ aroundAt }) => call<Zone>(`/api/v1/riesgo/zonas/${aroundAt(lat, lon)}?capa=${layer}`))
      .then(
        (zone) => { setStatus(""); say(linesFor(zone)); },
        () => setStatus(t.noAnswer),
      );
  }
  function hereIam(): void {
    setStatus(t.risk.asking);
    const stop = findPosition(
      ({ lat, lon }) => { stop(); map.current?.jumpTo({ center: [lon, lat], zoom: 13 }); look(lat, lon); },
      () => setStatus(t.risk.zoneDenied),
    );
  }
  function middle(): void {
    const centre = map.current?.getCenter();
    if (centre) look(centre.lat, centre.lng);
  }
  return (
    <section class="bloque">
      <h2>{t.risk.around}</h2>
      <div class="acciones">
        <button type="button" class="boton menor" onClick={hereIam}><Icon name="crosshair" /> {t.risk.here}</button>
        <button type="button" class="boton menor" onClick={middle}><Icon name="map" /> {t.risk.middle}</button>
      </div>
      <div role="status">
        {status && <p class="ayuda">{status}</p>}
        {said && <><h3>{t.risk.zoneHeading}</h3><ul>{said.map((line) => <li key={line}>{line}</li>)}</ul></>}
      </div>
    </section>
  );
}

function linesFor({ celdas }: Zone): string[] {
  const counted = [4, 3, 2, 1].map((level) => ({ level, count: celdas.filter(({ clase }) => clase === level).length }));
  const lines = counted.filter(({ count }) => count > 0).map(({ level, count }) => t.risk.zoneLine(count, t.risk.classes[level] ?? ""));
  return lines.length ? [...lines, t.risk.zoneRest] : [t.risk.zoneNone];
}
