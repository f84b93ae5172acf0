/** MapLibre's worker, able to run on an old phone. */
import "./old_phones";
import MapWorker from "maplibre-gl/dist/maplibre-gl-worker.mjs";

// The package says that its files have no effects: unused, the worker would be left out of the build.
Object.assign(self, { MapWorker });
