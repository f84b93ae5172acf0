/** When it happened, asked as people remember it. */
import { surelyNow } from "../shared/clock";
import { Icon } from "../shared/icon";
import { warningsOf } from "./check";
import { Hint, Message, Optional, described } from "./field_parts";
import type { FieldProps } from "./field_parts";
import { idOf, keyOf, valueAt } from "./schema";
import { d } from "./texts";
import { PARTS, blankWhen, startOf } from "./when";
import type { Moment, When, WhenMode } from "./when";

const MODES: WhenMode[] = ["hora", "parte", "rango"];

export function WhenField({ schema, path, isRequired, ask }: FieldProps) {
  const id = idOf(path);
  const when = (valueAt(ask.values, path) ?? blankWhen()) as When;
  const change = (changes: Partial<When>): void => ask.change(path, { ...when, ...changes });
  const endPath = [...path.slice(0, -1), "hasta"];
  const isRefused = ask.errors[keyOf(path)] !== undefined;
  const warnings = isRefused ? [] : warningsOf(schema, startOf(when), surelyNow() ?? ask.around.now);
  const isRange = when.modo === "rango";
  const moment = (names: [string, string], at: Moment, at_id: string, set: (changes: Partial<Moment>) => void, hasTime = true) => (
    <div class="dia-hora">
      <div class="campo">
        <label for={at_id}>{names[0]}</label>
        <input id={at_id} type="date" value={at.fecha} {...described(path, ask.errors)} onInput={(event) => set({ fecha: event.currentTarget.value })} />
      </div>
      {hasTime && (
        <div class="campo">
          <label for={`${at_id}-hora`}>{names[1]}</label>
          <input id={`${at_id}-hora`} type="time" value={at.hora} {...described(path, ask.errors)} onInput={(event) => set({ hora: event.currentTarget.value })} />
        </div>
      )}
    </div>
  );
  return (
    <fieldset class="campo cuando" aria-describedby={`${id}-error`}>
      <legend>{schema.title}<Optional isRequired={isRequired} /></legend>
      <Message path={path} errors={ask.errors} />
      {!isRange && <Message path={endPath} errors={ask.errors} />}
      <fieldset class="campo">
        <legend>{d.when.know}</legend>
        <div class="opciones una">
          {MODES.map((mode) => (
            <label class="opcion" key={mode}>
              <input type="radio" name={`${id}-modo`} checked={when.modo === mode} onChange={() => change({ modo: mode })} />
              <span>{d.when.modes[mode]}</span>
            </label>
          ))}
        </div>
      </fieldset>
      {moment(isRange ? [d.when.dateFrom, d.when.timeFrom] : [d.when.date, d.when.time], when, id, change, when.modo !== "parte")}
      {isRange && (
        <>
          <Message path={endPath} errors={ask.errors} />
          {moment([d.when.dateUntil, d.when.timeUntil], when.hasta, idOf(endPath), (more) => change({ hasta: { ...when.hasta, ...more } }))}
        </>
      )}
      {when.modo === "parte" && (
        <div class="campo">
          <label for={`${id}-parte`}>{d.when.part}</label>
          <select id={`${id}-parte`} value={when.parte} onChange={(event) => change({ parte: event.currentTarget.value })}>
            <option value="">{d.form.choose}</option>
            {Object.keys(PARTS).map((part) => <option key={part} value={part}>{d.when.parts[part]}</option>)}
          </select>
        </div>
      )}
      <Hint path={path}>{ask.isSensible ? schema.description : undefined}</Hint>
      <div role="status" id={`${id}-aviso`}>
        {warnings.map((text) => <p class="aviso-campo" key={keyOf([text])}><Icon name="alert-triangle" /> {text}</p>)}
      </div>
    </fieldset>
  );
}
