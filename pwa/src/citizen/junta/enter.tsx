/** The door, alike for everybody: what a junta is, and a field for a PIN that on most phones opens nothing. */
import { useRef, useState } from "preact/hooks";
import { ApiError } from "../shared/api";
import { Icon } from "../shared/icon";
import { Notice } from "../shared/pieces";
import { t } from "../shared/texts";
import { hasEnded, openSession } from "./api";
import type { Sesion } from "./api";
import { Heading, PinField, ShowPin, useBusy } from "./pieces";
import { isPin } from "./pin";
import { sealOfPhone } from "./seal";
import { j } from "./texts";

const TRIES_BEFORE_HELP = 3;

interface Props {
  said: string | null;
  onOpen: (sesion: Sesion) => void;
  onEnded: (error: ApiError) => void;
  onCode: () => void;
}

export function Enter({ said, onOpen, onEnded, onCode }: Props) {
  const [pin, setPin] = useState("");
  const [isShown, show] = useState(false);
  const [wrong, setWrong] = useState<string | undefined>(undefined);
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, run] = useBusy();
  const tries = useRef(0);

  async function open(): Promise<void> {
    setProblem(null);
    setWrong(undefined);
    try {
      onOpen(await openSession(sealOfPhone(), pin));
    } catch (error) {
      if (!(error instanceof ApiError)) return setProblem(t.serverBusy);
      if (hasEnded(error)) return onEnded(error);
      // The try is over: a PIN left in its field would be read by the next who takes the phone.
      if (error.status === 401) {
        tries.current += 1;
        setPin("");
        setWrong(error.message);
        return focusPin();
      }
      setProblem(error.fields[0]?.mensaje ?? error.message);
    }
  }
  function submit(event: Event): void {
    event.preventDefault();
    if (isPin(pin)) return run(open);
    setWrong(j.pin.wrongForm);
    focusPin();
  }

  return (
    <>
      <Heading>{j.pin.heading}</Heading>
      <div role="status">{said && <Notice tone="calma" icon="lock">{said}</Notice>}</div>
      <p>{j.pin.what} {j.pin.ask}</p>
      <form class="bloque" noValidate onSubmit={submit}>
        <h2>{j.pin.form}</h2>
        <PinField id="pin" label={j.pin.label} value={pin} isShown={isShown} hint={j.pin.hint} error={wrong} onInput={setPin} />
        <ShowPin isShown={isShown} onShow={show} />
        {tries.current >= TRIES_BEFORE_HELP && <Notice tone="aviso" icon="building-community" live>{j.pin.whereToGo}</Notice>}
        {problem && <Notice tone="error" icon="alert-triangle" live>{problem}</Notice>}
        <button type="submit" class="boton principal grande" disabled={isBusy}>{isBusy ? t.loading : j.pin.enter}</button>
      </form>
      <p><button type="button" class="enlace volver al-lado" onClick={onCode}><Icon name="grid-dots" /> {j.pin.haveCode}</button></p>
    </>
  );
}

function focusPin(): void {
  document.getElementById("pin")?.focus();
}
