/** A map that moves under a fixed mark; for sensible matters the mark is a whole zone. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { GeoJSONSource } from "maplibre-gl";
import { call } from "../shared/api";
import { Icon } from "../shared/icon";
import { Notice } from "../shared/pieces";
import { round } from "../shared/position";
import { startOfMaps } from "../shared/page";
import { t } from "../shared/texts";
import type { Place } from "../alert/report";
import type { MapView } from "./map";

interface Props {
  isCell: boolean;
  start: { lat: number; lon: number } | null;
  /** Where to begin without a start: nobody stands there. */
  around?: { lat: number; lon: number } | null | undefined;
  /** A point set by hand, and not where the phone is. */
  isMarked: boolean;
  onUse: (changes: Partial<Place>) => void;
  onCancel: () => void;
}

export function MapPicker({ isCell, start, around, isMarked, onUse, onCancel }: Props) {
  const holder = useRef<HTMLDivElement>(null);
  const map = useRef<MapView | null>(null);
  const cell = useRef<string | null>(null);
  const [state, setState] = useState<"opening" | "open" | "failed">("opening");

  useEffect(() => {
    let isStale = false;
    document.body.classList.add("mapa-abierto");
    open(holder.current, isCell, start, around, isMarked ? t.map.marked : t.map.you, (marked) => { cell.current = marked; }).then(
      (opened) => {
        if (isStale) return opened.remove();
        map.current = opened;
        setState("open");
      },
      () => setState("failed"),
    );
    return () => { isStale = true; map.current?.remove(); document.body.classList.remove("mapa-abierto"); };
  }, []);

  function use(): void {
    const centre = map.current?.getCenter();
    if (!centre) return;
    if (isCell) onUse({ mode: "celda", cell: cell.current, point: null });
    else onUse({ mode: "mapa", point: { lat: round(centre.lat), lon: round(centre.lng) } });
  }

  if (state === "failed") return <Notice tone="aviso" icon="map" live>{t.map.failed}</Notice>;
  return (
    <div class="elegir-mapa">
      <p class="ayuda">{isCell ? t.map.pickCellHint : t.map.pickHint}</p>
      <div class="marco-mapa">
        <div class="mapa" ref={holder} />
        {state === "opening" && <p class="cargando" role="status">{t.risk.opening}</p>}
        {!isCell && <span class="mira"><Icon name="map-pin" /></span>}
        <Zoom map={map} />
      </div>
      <div class="acciones apiladas">
        <button type="button" class="boton principal" disabled={state !== "open"} onClick={use}>
          <Icon name="check" /> {isCell ? t.map.useCell : t.map.use}
        </button>
        <button type="button" class="boton menor" onClick={onCancel}>{t.close}</button>
      </div>
    </div>
  );
}

export function Zoom({ map }: { map: { current: MapView | null } }) {
  return (
    <div class="zoom">
      <button type="button" aria-label={t.map.zoomIn} onClick={() => map.current?.zoomIn()}><Icon name="plus" /></button>
      <button type="button" aria-label={t.map.zoomOut} onClick={() => map.current?.zoomOut()}><Icon name="minus" /></button>
    </div>
  );
}

async function open(
  holder: HTMLElement | null, isCell: boolean, start: Props["start"], around: Props["around"], named: string, onCell: (cell: string) => void,
): Promise<MapView> {
  if (!holder) throw new Error("no place for the map");
  const { baseStyle, openMap } = await import("./map");
  const from = start ? { ...start, zoom: 15 } : around ? { ...around, zoom: 14 } : { ...startOfMaps(), ...(isCell ? { zoom: 12 } : {}) };
  const map = await openMap(holder, from, baseStyle([]), t.map.label);
  if (isCell) await followWithCell(map, onCell);
  else if (start) void showAround(map, start, named);
  return map;
}

interface Near { nombre: string; lat: number; lon: number }

/** Something to find one's way by: the last known place, and the nearest comisarías. */
async function showAround(map: MapView, here: { lat: number; lon: number }, named: string): Promise<void> {
  addPoints(map, "aqui", [{ nombre: named, ...here }], "#1769d2");
  try {
    const { comisarias } = await call<{ comisarias: Near[] }>("/api/v1/comisarias/cerca", { lat: here.lat, lon: here.lon });
    addPoints(map, "comisarias", comisarias, "#073b45");
  } catch {
    // Only a help for the eye: without it the map can still be moved.
  }
}

function addPoints(map: MapView, id: string, points: Near[], color: string): void {
  map.addSource(id, {
    type: "geojson",
    data: {
      type: "FeatureCollection",
      features: points.map(({ nombre, lat, lon }) => ({
        type: "Feature", properties: { nombre }, geometry: { type: "Point", coordinates: [lon, lat] },
      })),
    },
  });
  map.addLayer({
    id, type: "circle", source: id,
    paint: { "circle-radius": 7, "circle-color": color, "circle-stroke-color": "#ffffff", "circle-stroke-width": 2 },
  });
  map.addLayer({
    id: `${id}-nombres`, type: "symbol", source: id,
    layout: { "text-field": ["get", "nombre"], "text-font": ["Roboto", "Arial", "sans-serif"], "text-size": 13, "text-anchor": "top", "text-offset": [0, 0.8] },
    paint: { "text-color": color, "text-halo-color": "#ffffff", "text-halo-width": 1.6 },
  });
}

async function followWithCell(map: MapView, onCell: (cell: string) => void): Promise<void> {
  const { outline, zoneAt } = await import("./cells");
  const here = (): string => zoneAt(map.getCenter().lat, map.getCenter().lng);
  let cell = here();
  onCell(cell);
  map.addSource("zona", { type: "geojson", data: outline(cell) });
  map.addLayer({ id: "zona", type: "fill", source: "zona", paint: { "fill-color": "#0b5563", "fill-opacity": 0.3 } });
  map.addLayer({ id: "zona-borde", type: "line", source: "zona", paint: { "line-color": "#0b5563", "line-width": 3 } });
  map.on("move", () => {
    if (here() === cell) return;
    cell = here();
    onCell(cell);
    void map.getSource<GeoJSONSource>("zona")?.setData(outline(cell));
  });
}
