/** How the browser files are made: every file directly under src/citizen and src/panel is an entry. */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { constants, gzipSync } from "node:zlib";
import { defineConfig } from "vite";
import type { Plugin } from "vite";

const ROOT = import.meta.dirname;
const PARTS = ["citizen", "panel"];
const ENTRY = /\.(ts|tsx|css)$/;
const SHARED_BY_PAGES = /citizen\/(shared\/(api|icon|keys|leave|photos|pieces|texts|words)|alert\/(photo|submission))\.tsx?$/;
const COMPRESSIBLE = /\.(js|mjs|css|svg|json|webmanifest|map)$/;

function entries(): Record<string, string> {
  const found: Record<string, string> = {};
  for (const part of PARTS) {
    const folder = join(ROOT, "src", part);
    for (const name of listed(folder)) {
      if (!ENTRY.test(name) || name.endsWith(".d.ts")) continue;
      found[`${part}-${name.replace(/\.\w+$/, "")}${name.endsWith(".css") ? "-css" : ""}`] = join(folder, name);
    }
  }
  return found;
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** WhiteNoise serves name.gz beside name when the browser accepts it. */
function gzipBeside(): Plugin {
  return {
    name: "gzip-beside",
    apply: "build",
    closeBundle() {
      for (const path of filesUnder(join(ROOT, "dist"))) {
        const plain = COMPRESSIBLE.test(path) ? readFileSync(path) : undefined;
        if (!plain || plain.length < 512) continue;
        writeFileSync(`${path}.gz`, gzipSync(plain, { level: constants.Z_BEST_COMPRESSION }));
      }
    },
  };
}

function filesUnder(folder: string): string[] {
  return listed(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesUnder(path) : [path];
  });
}

export default defineConfig({
  root: ROOT,
  base: "/static/",
  plugins: [gzipBeside()],
  build: {
    // Android phones that no longer get updates stop around Chrome 80.
    target: "chrome80",
    cssTarget: "chrome80",
    outDir: "dist",
    emptyOutDir: true,
    manifest: true,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: entries(),
      // Left to itself the bundler gives these a file of their own, and the alert one more to wait for.
      output: { codeSplitting: { groups: [{ name: "pieces", test: SHARED_BY_PAGES }] } },
    },
  },
  worker: { format: "es" },
});
