/** Parts that several screens of the juntas share: the field of a PIN, what is fetched, what went wrong. */
import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { ApiError, call } from "../shared/api";
import { FieldMessage, Notice, StepHeading } from "../shared/pieces";
import { t } from "../shared/texts";
import type { Gate } from "./api";
import { PIN_DIGITS, digitsOf } from "./pin";
import { j } from "./texts";

interface PinProps {
  id: string;
  label: string;
  value: string;
  isShown: boolean;
  error?: string | undefined;
  hint?: string | undefined;
  onInput: (pin: string) => void;
}

/** A field of text that the style hides: browsers offer to store what is typed in a field of passwords. */
export function PinField({ id, label, value, isShown, error, hint, onInput }: PinProps) {
  return (
    <div class="campo">
      <label for={id}>{label}</label>
      <input id={id} class={isShown ? "pin" : "pin tapado"} type="text" inputMode="numeric" autocomplete="off" autocorrect="off"
        spellcheck={false} maxLength={PIN_DIGITS + 6} value={value}
        aria-invalid={Boolean(error)} aria-describedby={`error-${id} ayuda-${id}`}
        onInput={(event) => {
          const digits = digitsOf(event.currentTarget.value);
          event.currentTarget.value = digits;
          onInput(digits);
        }} />
      {hint && <p class="ayuda" id={`ayuda-${id}`}>{hint}</p>}
      <FieldMessage id={`error-${id}`} text={error} />
    </div>
  );
}

export function ShowPin({ isShown, onShow }: { isShown: boolean; onShow: (isShown: boolean) => void }) {
  return (
    <label class="opcion ver-pin">
      <input type="checkbox" checked={isShown} onChange={(event) => onShow(event.currentTarget.checked)} />
      <span>{j.pin.show}</span>
    </label>
  );
}

/** Every screen has the same title, whatever it shows. */
export function Heading({ children }: { children: ComponentChildren }) {
  return <StepHeading title={j.title}>{children}</StepHeading>;
}

export interface Problem { words: string; isWorthRetrying: boolean }

export function Failed({ problem: { words, isWorthRetrying }, onRetry }: { problem: Problem; onRetry: () => void }) {
  if (!isWorthRetrying) return <Notice tone="calma">{words}</Notice>;
  return (
    <Notice tone="error" icon="alert-triangle" live>
      {j.failed} {words} <button type="button" class="boton menor" onClick={onRetry}>{j.retry}</button>
    </Notice>
  );
}

interface Asked<T> { answer: T | null; problem: Problem | null; again: () => void }

/** Fetches with the session; its end closes the screen. */
export function useAsked<T>(path: string, { sesion, shut }: Gate): Asked<T> {
  const [answer, setAnswer] = useState<T | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    let isStale = false;
    setProblem(null);
    setAnswer(null);
    call<T>(path, undefined, sesion.acceso).then(
      (found) => isStale || setAnswer(found),
      (error: unknown) => { if (!isStale) setProblem(problemOf(error, shut)); },
    );
    return () => { isStale = true; };
  }, [path, tries]);
  return { answer, problem, again: useCallback(() => setTries((count) => count + 1), []) };
}

/** null when the screen is gone. */
export function problemOf(error: unknown, shut: Gate["shut"]): Problem | null {
  if (!(error instanceof ApiError)) return { words: t.serverBusy, isWorthRetrying: true };
  if (shut(error)) return null;
  return { words: error.fields[0]?.mensaje ?? error.message, isWorthRetrying: error.status !== 422 };
}

/** Runs one thing at a time: a button pressed twice asks once. */
export function useBusy(): [boolean, (work: () => Promise<void>) => void] {
  const [isBusy, setBusy] = useState(false);
  const isRunning = useRef(false);
  return [isBusy, (work) => {
    if (isRunning.current) return;
    isRunning.current = true;
    setBusy(true);
    void work().finally(() => { isRunning.current = false; setBusy(false); });
  }];
}
