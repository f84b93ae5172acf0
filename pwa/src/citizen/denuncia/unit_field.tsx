/** Which police unit: found by its name or district, chosen from what was found. */
import { useEffect, useState } from "preact/hooks";
import { call } from "../shared/api";
import type { Unit } from "./datos";
import { Message, Optional, described } from "./field_parts";
import type { FieldProps } from "./field_parts";
import { idOf, valueAt } from "./schema";
import { d } from "./texts";

interface FoundUnit extends Unit { nivel: string; distrito: string | null }
interface Search { state: "idle" | "asking" | "failed" | "found"; units: FoundUnit[] }

const NOTHING: Search = { state: "idle", units: [] };

const PAUSE_MS = 400;
const ENOUGH_LETTERS = 3;

export function UnitField({ schema, path, isRequired, ask }: FieldProps) {
  const id = idOf(path);
  const chosen = valueAt(ask.values, path) as Unit | undefined;
  const [typed, setTyped] = useState("");
  const [search, setSearch] = useState<Search>(NOTHING);

  useEffect(() => {
    const text = typed.trim();
    if (text.length < ENOUGH_LETTERS) return setSearch(NOTHING);
    let isStale = false;
    const timer = window.setTimeout(() => {
      setSearch({ state: "asking", units: [] });
      call<{ unidades: FoundUnit[] }>("/api/v1/unidades", { texto: text }).then(
        ({ unidades }) => isStale || setSearch({ state: "found", units: unidades }),
        () => isStale || setSearch({ state: "failed", units: [] }),
      );
    }, PAUSE_MS);
    return () => { isStale = true; window.clearTimeout(timer); };
  }, [typed]);

  const { units } = search;
  return (
    <div class="campo">
      <label for={id}>{schema.title}<Optional isRequired={isRequired} /></label>
      {schema.description && <p class="ayuda" id={`${id}-ayuda`}>{schema.description}</p>}
      <Message path={path} errors={ask.errors} />
      <input id={id} type="search" autocomplete="off" value={typed} {...described(path, ask.errors)}
        onInput={(event) => setTyped(event.currentTarget.value)}
        // Enter looks; it does not leave the screen.
        onKeyDown={(event) => { if (event.key === "Enter") event.preventDefault(); }} />
      <p class="ayuda" role="status">{wordsFor(search)}</p>
      {units.length > 0 && (
        <fieldset class="opciones una">
          <legend class="oculto">{schema.title}</legend>
          {units.map((unit) => (
            <label class="opcion" key={unit.codigo}>
              <input type="radio" name={id} checked={chosen?.codigo === unit.codigo}
                onChange={() => ask.change(path, { codigo: unit.codigo, nombre: unit.nombre })} />
              <span>{unit.nombre}{unit.distrito && <small> · {unit.distrito}</small>}</span>
            </label>
          ))}
        </fieldset>
      )}
      {chosen && <p class="elegida" role="status">{d.unit.chosen(chosen.nombre)}</p>}
    </div>
  );
}

function wordsFor(search: Search): string {
  if (search.state === "asking") return d.unit.searching;
  if (search.state === "failed") return d.unit.failed;
  if (search.state === "idle") return "";
  return search.units.length ? d.unit.found(search.units.length) : d.unit.none;
}
