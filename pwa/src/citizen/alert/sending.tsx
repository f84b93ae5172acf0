/** The wait: how much has left the phone, or that it has not been sent yet and when it is tried again. */
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError } from "../shared/api";
import type { Recibida } from "../shared/api";
import { Icon } from "../shared/icon";
import { Notice, StepHeading } from "../shared/pieces";
import { isWorthRepeating, waitSeconds, waitToRetry } from "../shared/retry";
import type { Waiting } from "../shared/retry";
import { credential, forgetCredential } from "../shared/store";
import { t } from "../shared/texts";
import { post } from "./submission";
import type { Frozen } from "./submission";

interface Props<Answer> {
  frozen: Frozen;
  isSensible: boolean;
  /** Of who is signed in; without it the phone's own credential is shown. */
  access?: string;
  line: string;
  heading: string;
  onReceived: (received: Answer) => void;
  onRefused: (error: ApiError) => void;
  onEdit: () => void;
  /** An attempt had no answer: the server may have it all the same. */
  onNoAnswer?: () => void;
}

type Pause = { left: number; status: number };

export function Sending<Answer extends Recibida>(props: Props<Answer>) {
  const { frozen, isSensible, access, line, heading, onReceived, onRefused, onEdit, onNoAnswer } = props;
  const [percent, setPercent] = useState(0);
  const [pause, setPause] = useState<Pause | null>(null);
  const waiting = useRef<Waiting | null>(null);

  useEffect(() => {
    let isOver = false;
    void sendUntilAnswered<Answer>({
      frozen, isSensible, access, onProgress: setPercent,
      isOver: () => isOver,
      pause: (status, seconds) => {
        if (status === 0 || status >= 500) onNoAnswer?.();
        waiting.current = waitToRetry(seconds, (left) => isOver || setPause({ left, status }));
        return waiting.current.done.then(() => setPause(null));
      },
    }).then(
      (received) => received && onReceived(received),
      (error: ApiError) => isOver || onRefused(error),
    );
    return () => { isOver = true; waiting.current?.now(); };
  }, [frozen]);

  if (pause) return <NotYet {...{ pause, line, onEdit }} onNow={() => waiting.current?.now()} />;
  const hasLeft = percent >= 100 || !frozen.photos.length;
  return (
    <section class="centro">
      <StepHeading title={t.sending.title}>{heading}</StepHeading>
      <progress max={100} {...(hasLeft ? {} : { value: percent })} aria-label={heading} />
      <p role="status">{hasLeft ? t.sending.waitingAnswer : t.sending.progress(percent)}</p>
      <p class="ayuda">{t.sending.keepOpen}</p>
    </section>
  );
}

function NotYet({ pause, line, onNow, onEdit }: { pause: Pause; line: string; onNow: () => void; onEdit: () => void }) {
  return (
    <section class="centro">
      <StepHeading title={t.sending.notYet}>{t.sending.notYet}</StepHeading>
      <Notice tone="error" icon="alert-triangle" live>{pause.status === 0 ? t.sending.noSignal : t.sending.busy}</Notice>
      <p class="ayuda">{t.sending.retryIn(pause.left)}</p>
      <div class="acciones apiladas">
        <button type="button" class="boton principal" onClick={onNow}><Icon name="refresh" /> {t.sending.retryNow}</button>
        <a class="boton emergencia" href={`tel:${line}`}><Icon name="phone-call" /> {t.sending.urgent} {line}</a>
        <button type="button" class="boton segundo" onClick={onEdit}>{t.sending.edit}</button>
      </div>
    </section>
  );
}

interface Attempts {
  frozen: Frozen;
  isSensible: boolean;
  access: string | undefined;
  onProgress: (percent: number) => void;
  isOver: () => boolean;
  pause: (status: number, seconds: number) => Promise<void>;
}

/** Repeats the same bytes under the same key until the server says yes or no. */
async function sendUntilAnswered<Answer>(
  { frozen, isSensible, access, onProgress, isOver, pause }: Attempts,
): Promise<Answer | null> {
  let hasNewCredential = false;
  for (let attempt = 1; !isOver(); attempt += 1) {
    try {
      onProgress(0);
      return await post<Answer>(frozen, access ?? (await credential(!isSensible)), onProgress);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 401 && !access && !hasNewCredential) {
        hasNewCredential = true;
        forgetCredential();
        continue;
      }
      if (!isWorthRepeating(error.status)) throw error;
      await pause(error.status, waitSeconds(attempt, error.retryAfter));
    }
  }
  return null;
}
