/** One field of a form, whatever its schema makes of it; groups and lists call back for what they hold. */
import type { ComponentChildren } from "preact";
import { Icon } from "../shared/icon";
import { warningsOf } from "./check";
import { datosOf, normal, numberOf } from "./datos";
import { ListField } from "./list_field";
import { PlaceInput } from "./place_input";
import { choicesOf, idOf, inForce, isAsked, valueAt } from "./schema";
import type { Path, Schema, Values } from "./schema";
import { d } from "./texts";
import { Hint, Message, Optional, described } from "./field_parts";
import type { Asking, FieldProps } from "./field_parts";
import { UnitField } from "./unit_field";
import { WhenField } from "./when_field";

const MOST_RADIOS = 5;
const SHORT_CHOICE = 16;
const SHORT_TEXT = 200;
/** The purposes that browsers know, for the person's own data alone (WCAG 1.3.5). */
const OWN_DATA: Record<string, string> = {
  nombres: "given-name", apellido_paterno: "family-name", celular: "tel-national", correo: "email", domicilio: "street-address",
};

export function Field(props: FieldProps) {
  const { schema, ask, path } = props;
  const kind = schema["x-campo"];
  if (schema.const !== undefined) return null;
  if (kind === "lugar") return <PlaceInput {...props} />;
  if (kind === "fecha_hora") return <WhenField {...props} />;
  if (kind === "unidad") return <UnitField {...props} />;
  if (schema.type === "array") return schema.items && choicesOf(schema.items) ? <Checks {...props} /> : <ListField {...props} />;
  if (schema.type === "object") {
    return (
      <fieldset class="grupo-campos">
        <legend><h3>{schema.title}</h3></legend>
        {schema.description && <p class="ayuda">{schema.description}</p>}
        <Message path={path} errors={ask.errors} />
        <Members {...props} />
      </fieldset>
    );
  }
  if (schema.type === "boolean") return <Check {...props} />;
  const choices = choicesOf(schema);
  if (choices) return props.isRequired && choices.length <= MOST_RADIOS ? <Radios {...props} /> : <Choice {...props} />;
  return <Text {...props} />;
}

/** The fields of an object, those that are asked now. */
export function Members({ schema, path, ask }: Pick<FieldProps, "schema" | "path" | "ask">) {
  const values = (valueAt(ask.values, path) ?? {}) as Values;
  const datos = datosOf(schema, values, ask.around);
  const now = inForce(schema, datos);
  const fields = Object.entries(now.properties ?? {});
  return (
    <>
      {fields.filter(([key, field]) => isAsked(schema, key, datos) && !isSaidElsewhere(schema, field)).map(([key, field]) => (
        <Field key={key} schema={field} path={[...path, key]} isRequired={now.required?.includes(key) ?? false} ask={ask} />
      ))}
    </>
  );
}

/** The end of a stretch of time is asked together with its beginning. */
function isSaidElsewhere(whole: Schema, field: Schema): boolean {
  const start = field["x-no-antes-de"];
  return start !== undefined && whole.properties?.[start] !== undefined;
}

function Warnings({ path, texts }: { path: Path; texts: string[] }) {
  return (
    <div role="status" id={`${idOf(path)}-aviso`}>
      {texts.map((text) => <p class="aviso-campo" key={text}><Icon name="alert-triangle" /> {text}</p>)}
    </div>
  );
}

function Text({ schema, path, isRequired, ask }: FieldProps) {
  const id = idOf(path);
  const value = String(valueAt(ask.values, path) ?? "");
  const isLong = schema["x-campo"] === "texto_largo" || (schema.maxLength ?? 0) > SHORT_TEXT;
  const datum = schema.type === "number" ? numberOf(value) : normal(value, schema["x-normal"]);
  const shared = {
    id, value, required: isRequired, ...described(path, ask.errors, Boolean(schema["x-avisos"])),
    onInput: (event: { currentTarget: { value: string } }) => ask.change(path, event.currentTarget.value),
  };
  // Never cut: the end of what somebody pastes would be gone without a word.
  const left = (schema["x-normal"] ? Infinity : schema.maxLength ?? Infinity) - [...String(datum ?? "")].length;
  return (
    <div class="campo">
      <label for={id}>{schema.title}<Optional isRequired={isRequired} /></label>
      <Hint path={path}>{schema.description}</Hint>
      <Message path={path} errors={ask.errors} />
      {isLong ? <textarea {...shared} rows={(schema.maxLength ?? 0) > 1000 ? 7 : 3} /> : <input {...shared} {...(keyboardOf(schema, path, ask) as { type: "text" })} />}
      {left < 0 ? <p class="aviso-campo"><Icon name="alert-triangle" /> {d.form.over(-left)}</p>
        : left < 100 && isLong && <p class="ayuda">{d.form.left(left)}</p>}
      {schema["x-avisos"] && <Warnings path={path} texts={warningsOf(schema, datum, ask.around.now)} />}
    </div>
  );
}

/** The right keyboard of the phone, and what the browser may fill in. */
function keyboardOf(schema: Schema, path: Path, ask: Asking) {
  const isOwn = path[0] === "denunciante" && !ask.isSensible;
  const purpose = isOwn ? (OWN_DATA[String(path[path.length - 1])] ?? "off") : "off";
  const isDigits = schema["x-campo"] === "imei" || (schema.pattern ?? "").startsWith("^[0-9]");
  const isCode = schema["x-normal"] === "codigo";
  return {
    type: (schema["x-campo"] === "telefono" ? "tel" : schema.format === "email" ? "email" : "text"),
    inputMode: schema.type === "number" ? "decimal" as const : schema["x-campo"] === "telefono" ? "tel" as const
      : schema.format === "email" ? "email" as const : isDigits ? "numeric" as const : "text" as const,
    autocomplete: purpose,
    ...(isCode ? { autocapitalize: "characters" as const, spellcheck: false } : {}),
  };
}

function Check({ schema, path, ask }: FieldProps) {
  const id = idOf(path);
  return (
    <div class="campo-marca">
      <label class="opcion">
        <input id={id} type="checkbox" checked={valueAt(ask.values, path) === true} {...described(path, ask.errors)}
          onChange={(event) => ask.change(path, event.currentTarget.checked)} />
        <span>{schema.title}</span>
      </label>
      <Hint path={path}>{schema.description}</Hint>
      <Message path={path} errors={ask.errors} />
    </div>
  );
}

function Radios({ schema, path, isRequired, ask }: FieldProps) {
  const chosen = valueAt(ask.values, path);
  const choices = choicesOf(schema) ?? [];
  return (
    <ChoiceSet schema={schema} path={path} isRequired={isRequired} ask={ask} titles={choices.map(({ title }) => title)}>
      {choices.map(({ value, title }, index) => (
        <label class="opcion" key={value}>
          <input type="radio" name={idOf(path)} {...(index === 0 ? { id: idOf(path) } : {})} checked={chosen === value}
            onChange={() => ask.change(path, value)} />
          <span>{title}</span>
        </label>
      ))}
    </ChoiceSet>
  );
}

/** Several of a list: an array whose members are one choice each. */
function Checks({ schema, path, isRequired, ask }: FieldProps) {
  const chosen = (valueAt(ask.values, path) ?? []) as string[];
  const choices = choicesOf(schema.items ?? {}) ?? [];
  const toggle = (value: string, isOn: boolean): void =>
    ask.change(path, choices.map((one) => one.value).filter((one) => (one === value ? isOn : chosen.includes(one))));
  return (
    <ChoiceSet schema={schema} path={path} isRequired={isRequired} ask={ask} titles={choices.map(({ title }) => title)}>
      {choices.map(({ value, title }, index) => (
        <label class="opcion" key={value}>
          <input type="checkbox" {...(index === 0 ? { id: idOf(path) } : {})} checked={chosen.includes(value)}
            onChange={(event) => toggle(value, event.currentTarget.checked)} />
          <span>{title}</span>
        </label>
      ))}
    </ChoiceSet>
  );
}

function ChoiceSet({ schema, path, isRequired, ask, titles, children }: FieldProps & { titles: string[]; children: ComponentChildren }) {
  const isNarrow = titles.some((title) => title.length > SHORT_CHOICE);
  const { "aria-describedby": describedBy } = described(path, ask.errors);
  return (
    <fieldset class="campo" aria-describedby={describedBy}>
      <legend>{schema.title}<Optional isRequired={isRequired} /></legend>
      <Hint path={path}>{schema.description}</Hint>
      <Message path={path} errors={ask.errors} />
      <div class={isNarrow ? "opciones una" : "opciones"}>{children}</div>
    </fieldset>
  );
}

function Choice({ schema, path, isRequired, ask }: FieldProps) {
  const id = idOf(path);
  return (
    <div class="campo">
      <label for={id}>{schema.title}<Optional isRequired={isRequired} /></label>
      <Hint path={path}>{schema.description}</Hint>
      <Message path={path} errors={ask.errors} />
      <select id={id} required={isRequired} value={String(valueAt(ask.values, path) ?? "")} {...described(path, ask.errors)}
        onChange={(event) => ask.change(path, event.currentTarget.value || undefined)}>
        <option value="">{isRequired ? d.form.choose : d.form.noChoice}</option>
        {(choicesOf(schema) ?? []).map(({ value, title }) => <option key={value} value={value}>{title}</option>)}
      </select>
    </div>
  );
}
