declare module "maplibre-gl/dist/maplibre-gl-worker.mjs" {
  const MapWorker: unknown;
  export default MapWorker;
}
