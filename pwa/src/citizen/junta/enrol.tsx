/** Made in person at the comisaría: the code of its QR, and a PIN chosen on the own phone. */
import { useLayoutEffect, useState } from "preact/hooks";
import { ApiError } from "../shared/api";
import type { FieldError } from "../shared/api";
import { Icon } from "../shared/icon";
import { FieldMessage, Notice, messageFor } from "../shared/pieces";
import { t } from "../shared/texts";
import { enrol, hasEnded, openSession } from "./api";
import type { Sesion } from "./api";
import { dateWords } from "./months";
import { Heading, PinField, ShowPin, useBusy } from "./pieces";
import { isPin } from "./pin";
import { canKeep, keepSeal } from "./seal";
import { j } from "./texts";

interface Props {
  /** As the QR brought it; empty when it is typed. */
  code: string;
  onDone: (sesion: Sesion, said: string) => void;
  /** The PIN is made and has to be typed: the first session could not be opened by itself. */
  onMade: (said: string) => void;
  onEnded: (error: ApiError) => void;
  onBack: () => void;
}

export function Enrol({ code, onDone, onMade, onEnded, onBack }: Props) {
  const [typed, setTyped] = useState(code);
  const [pin, setPin] = useState("");
  const [again, setAgain] = useState("");
  const [isShown, show] = useState(false);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, run] = useBusy();
  const codeError = messageFor(errors, "codigo");

  async function save(): Promise<void> {
    setProblem(null);
    if (!canKeep()) return setProblem(j.enrol.noStorage);
    try {
      const { secreto, vigente_hasta } = await enrol(typed.trim(), pin);
      keepSeal(secreto);
      await open(secreto, vigente_hasta);
    } catch (error) {
      if (!(error instanceof ApiError)) return setProblem(t.serverBusy);
      if (hasEnded(error)) return onEnded(error);
      setErrors(error.fields);
      if (!error.fields.length) setProblem(error.message);
    }
  }
  async function open(secreto: string, until: string): Promise<void> {
    try {
      onDone(await openSession(secreto, pin), j.enrol.done(dateWords(until)));
    } catch {
      onMade(j.enrol.doneEnter);
    }
  }
  // With the message itself: later it would take the focus from whoever types on.
  useLayoutEffect(() => {
    const first = errors[0]?.campo.split(".").pop();
    if (first) document.getElementById(FIELDS[first] ?? first)?.focus();
  }, [errors]);
  function submit(event: Event): void {
    event.preventDefault();
    const found = mistakes(typed, pin, again);
    setErrors(found);
    if (!found.length) run(save);
  }

  return (
    <form noValidate onSubmit={submit}>
      <Heading>{j.enrol.heading}</Heading>
      <p>{j.enrol.why}</p>
      <div class="bloque">
        {(!code || codeError) && (
          <div class="campo">
            <label for="codigo">{j.enrol.code}</label>
            <input id="codigo" class="codigo" autocomplete="off" autocapitalize="characters" spellcheck={false} maxLength={64} value={typed}
              aria-invalid={Boolean(codeError)} aria-describedby="ayuda-codigo error-codigo"
              onInput={(event) => setTyped(event.currentTarget.value)} />
            <p class="ayuda" id="ayuda-codigo">{j.enrol.codeHint}</p>
            <FieldMessage id="error-codigo" text={codeError} />
            {codeError && codeError !== j.enrol.codeMissing && <p class="ayuda">{j.enrol.expired}</p>}
          </div>
        )}
        <PinField id="pin-nuevo" label={j.enrol.pin} value={pin} isShown={isShown} hint={j.enrol.whyNot}
          error={messageFor(errors, "pin")} onInput={setPin} />
        <PinField id="pin-otra-vez" label={j.enrol.again} value={again} isShown={isShown}
          error={messageFor(errors, "otra_vez")} onInput={setAgain} />
        <ShowPin isShown={isShown} onShow={show} />
      </div>
      {problem && <Notice tone="error" icon="alert-triangle" live>{problem}</Notice>}
      <button type="submit" class="boton principal grande" disabled={isBusy}>{isBusy ? t.loading : j.enrol.save}</button>
      <p><button type="button" class="enlace volver" onClick={onBack}><Icon name="arrow-left" /> {j.enrol.back}</button></p>
    </form>
  );
}

const FIELDS: Record<string, string> = { codigo: "codigo", pin: "pin-nuevo", otra_vez: "pin-otra-vez" };

export function mistakes(code: string, pin: string, again: string): FieldError[] {
  if (!code.trim()) return [{ campo: "codigo", mensaje: j.enrol.codeMissing }];
  if (!isPin(pin)) return [{ campo: "pin", mensaje: j.pin.wrongForm }];
  if (pin !== again) return [{ campo: "otra_vez", mensaje: j.enrol.different }];
  return [];
}
