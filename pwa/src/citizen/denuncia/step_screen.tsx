/** One step of the form: its fields, what is wrong, and the way on. */
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { Icon } from "../shared/icon";
import { StepHeading } from "../shared/pieces";
import { datosOf } from "./datos";
import type { Errors } from "./check";
import { Message } from "./field_parts";
import { Field, Members } from "./fields";
import type { Asking } from "./field_parts";
import { idOf, inForce, isAsked, schemaAt } from "./schema";
import type { Path, Schema, Step } from "./schema";
import { d } from "./texts";

export interface Way {
  number: number;
  total: number;
  isFromReview: boolean;
  /** The browser's own history must not tell what a reserved matter is about. */
  isDiscreet: boolean;
  /** Grows with each refusal, so that the focus moves again to the same error. */
  tries: number;
  onNext: () => void;
  onBack: () => void;
}

/** The frame that every screen of the form shares. */
export function Screen({ way, title, help, errors, children, below, nextWords }: {
  way: Way; title: string; help?: string | undefined; errors: Errors; children: ComponentChildren;
  below?: ComponentChildren; nextWords: string;
}) {
  return (
    <form noValidate onSubmit={(event) => { event.preventDefault(); way.onNext(); }}>
      <div class="avance">
        <button type="button" class="enlace volver" onClick={way.onBack}><Icon name="arrow-left" /> {d.form.back}</button>
        <p class="paso" aria-hidden="true">{d.form.progress(way.number, way.total)}</p>
        <progress max={way.total} value={way.number} aria-hidden="true" />
      </div>
      <StepHeading title={way.isDiscreet ? `${d.title} ${way.number}` : `${d.title}, ${title.toLowerCase()}`}>
        {title}<span class="oculto">, {d.form.progress(way.number, way.total).toLowerCase()}</span>
      </StepHeading>
      {help && <p class="ayuda">{help}</p>}
      <Wrong errors={errors} tries={way.tries} />
      {children}
      <div class="pie-paso">
        <button type="submit" class="boton principal grande">{nextWords}</button>
      </div>
      {below}
    </form>
  );
}

/** What is wrong, in order, each with a way to it; the focus goes to the first. */
function Wrong({ errors, tries }: { errors: Errors; tries: number }) {
  const keys = Object.keys(errors);
  useEffect(() => focusOn(firstOf(keys)), [tries]);
  if (!keys.length) return null;
  return (
    <div class="nota nota-error" role="alert">
      <Icon name="alert-triangle" />
      <div>
        <strong>{d.form.wrong(keys.length)}</strong>
        <ul>
          {keys.map((key) => (
            <li key={key}><button type="button" class="enlace" onClick={() => focusOn(key)}>{errors[key]}</button></li>
          ))}
        </ul>
      </div>
    </div>
  );
}

/** The first on the screen, which need not be the first found. */
function firstOf(keys: string[]): string | undefined {
  const places = keys.map((key) => ({ key, element: elementOf(key) }));
  places.sort((one, other) => {
    if (!one.element || !other.element) return one.element ? -1 : 1;
    return one.element.compareDocumentPosition(other.element) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;
  });
  return places[0]?.key;
}

function elementOf(key: string): HTMLElement | null {
  for (let path = key.split("."); path.length; path = path.slice(0, -1)) {
    const own = document.getElementById(idOf(path));
    if (own) return own;
    // The place has the alert's own fields, by their own names.
    const last = path[path.length - 1] ?? "";
    if (["lugar", "distrito", "referencia"].includes(last)) return document.getElementById(last);
  }
  return null;
}

function focusOn(key: string | undefined): void {
  const element = key ? elementOf(key) : null;
  if (!element) return;
  const inner = element.matches("fieldset") ? element.querySelector<HTMLElement>("input, select, textarea, button") : element;
  (inner ?? element).focus();
}

export function StepScreen({ step, root, ask, way, below, intro }: {
  step: Step; root: Schema; ask: Asking; way: Way; below: ComponentChildren; intro: ComponentChildren;
}) {
  const datos = datosOf(root, ask.values, ask.around);
  const now = inForce(root, datos);
  const isAlone = step.fields.length === 1;
  return (
    <Screen way={way} title={step.title} help={step.help} errors={ask.errors} below={below}
      nextWords={way.isFromReview ? d.form.backToReview : way.number === way.total - 1 ? d.form.review : d.form.next}>
      {intro}
      {step.fields.map((path) => {
        const schema = schemaAt(now, path);
        if (!schema || !isAsked(root, String(path[0]), datos)) return null;
        const isRequired = now.required?.includes(String(path[0])) ?? false;
        const isTitled = isAlone || schema.title === step.title;
        return <Block key={path.join()} {...{ schema, path, isRequired, ask, isTitled }} />;
      })}
    </Screen>
  );
}

/** An object of the first level lies open on the screen; anything small gets a box. */
function Block({ schema, path, isRequired, ask, isTitled }: {
  schema: Schema; path: Path; isRequired: boolean; ask: Asking; isTitled: boolean;
}) {
  if (schema.type === "object" && !schema["x-campo"]) {
    return (
      <fieldset class="abierto" id={idOf(path)} tabIndex={-1}>
        <legend class={isTitled ? "oculto" : undefined}><h2>{schema.title}</h2></legend>
        {schema.description && <p class="ayuda">{schema.description}</p>}
        <Message path={path} errors={ask.errors} />
        <Members schema={schema} path={path} ask={ask} />
      </fieldset>
    );
  }
  const isList = schema.type === "array" && Boolean(schema.items?.properties);
  const field = <Field schema={schema} path={path} isRequired={isRequired} ask={ask} />;
  return isList || schema["x-campo"] === "lugar" ? field : <div class="bloque">{field}</div>;
}
