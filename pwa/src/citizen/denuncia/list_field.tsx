/** A list of persons or goods: members are added and taken out one by one. */
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../shared/icon";
import { Message, described } from "./field_parts";
import { Members } from "./fields";
import type { FieldProps } from "./field_parts";
import { idOf, valueAt } from "./schema";
import { d } from "./texts";

export function ListField({ schema, path, isRequired, ask }: FieldProps) {
  const member = schema.items ?? {};
  const title = member.title ?? schema.title ?? "";
  const list = (valueAt(ask.values, path) ?? []) as unknown[];
  const isNeeded = isRequired && (schema.minItems ?? 0) > 0;
  const shown = list.length || !isNeeded ? list : [{}];
  const [said, say] = useState("");
  const [focusOn, setFocusOn] = useState<string | null>(null);
  const adder = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    if (!focusOn) return;
    document.getElementById(focusOn)?.querySelector<HTMLElement>("input, select, textarea")?.focus();
    setFocusOn(null);
  }, [focusOn]);

  function add(): void {
    ask.change(path, [...shown, {}]);
    say(d.form.added(title, shown.length + 1));
    setFocusOn(idOf([...path, shown.length]));
  }
  function remove(index: number): void {
    ask.change(path, shown.filter((_, at) => at !== index));
    say(d.form.removed(title));
    adder.current?.focus();
  }

  const { "aria-describedby": describedBy } = described(path, ask.errors);
  return (
    <fieldset class="lista-campos" id={idOf(path)} tabIndex={-1} aria-describedby={describedBy}>
      <legend><h2>{schema.title}{!isNeeded && <span class="opcional"> {d.form.optional}</span>}</h2></legend>
      {schema.description && <p class="ayuda" id={`${idOf(path)}-ayuda`}>{schema.description}</p>}
      <Message path={path} errors={ask.errors} />
      {shown.map((_, index) => (
        <fieldset class="bloque miembro" key={index} id={idOf([...path, index])}>
          <legend><h3>{shown.length > 1 || !isNeeded ? d.form.member(title, index + 1) : title}</h3></legend>
          <Message path={[...path, index]} errors={ask.errors} />
          <Members schema={member} path={[...path, index]} ask={ask} />
          {(shown.length > 1 || !isNeeded) && (
            <button type="button" class="enlace" onClick={() => remove(index)}>
              <Icon name="trash" /> {d.form.removeMember(title, index + 1)}
            </button>
          )}
        </fieldset>
      ))}
      {shown.length < (schema.maxItems ?? Infinity) && (
        <button type="button" class="boton menor" ref={adder} onClick={add}>
          <Icon name="plus" /> {schema["x-agregar"] ?? d.form.add}
        </button>
      )}
      <p class="oculto" role="status">{said}</p>
    </fieldset>
  );
}
