/** The alert in three taps: what, photo, send. Holds what the person said until a 201. */
import type { VNode } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { ApiError, call, urgentNumber } from "../shared/api";
import type { Categoria, FieldError, Lugar, Recibida } from "../shared/api";
import { discardPhoto } from "../shared/photos";
import { useLeaveWarning } from "../shared/leave";
import { readDraft, writeDraft } from "../shared/store";
import { Notice } from "../shared/pieces";
import { t } from "../shared/texts";
import { Done } from "./done";
import { usePosition } from "./finding";
import { PhotoStep } from "./photo";
import { blankReport, datosOf } from "./report";
import type { Place, Report } from "./report";
import { SendStep } from "./send";
import { Sending } from "./sending";
import { freeze } from "./submission";
import type { Frozen } from "./submission";
import { What } from "./what";

type Step = "what" | "photo" | "send";

export function Alert({ known }: { known: Categoria[] }) {
  const [categories, failed, reload] = useCategories(known);
  const [step, go] = useSteps();
  const [report, setReport] = useState<Report | null>(null);
  const [frozen, setFrozen] = useState<Frozen | null>(null);
  const [isSending, setSending] = useState(false);
  const [refused, setRefused] = useState<ApiError | null>(null);
  const [received, setReceived] = useState<Recibida | null>(null);
  const [isKept, setKept] = useState(true);

  const change = (changes: Partial<Report>): void => setReport((now) => now && { ...now, ...changes });
  const changePlace = (changes: Partial<Place>): void =>
    setReport((now) => now && { ...now, place: { ...now.place, ...changes } });

  usePosition(received ? null : report, changePlace);
  useDraft(categories, report, received, (restored) => { setReport(restored); go("photo"); });
  useLeaveWarning(isSending || (received !== null && !isKept));

  function choose(category: Categoria): void {
    setReport((now) => {
      if (!now) return blankReport(category);
      const place = now.category.sensible === category.sensible ? now.place : blankReport(category).place;
      return { ...now, category, place };
    });
    go("photo");
  }
  function send(lugar: Lugar): void {
    if (!report) return;
    setRefused(null);
    setFrozen((earlier) => freeze(datosOf(report, lugar, new Date()), report.photos.map(({ file }) => file), earlier));
    setSending(true);
  }
  function startAgain(): void {
    report?.photos.forEach(discardPhoto);
    setReport(null); setFrozen(null); setReceived(null); setRefused(null); setKept(true);
    go("what");
  }

  if (received && report)
    return narrow(<Done received={received} category={report.category} onAnother={startAgain} isKept={isKept} onKept={setKept} />);
  if (isSending && frozen && report)
    return narrow(
      <Sending<Recibida> frozen={frozen} heading={t.sending.heading} isSensible={report.category.sensible} line={urgentNumber(report.category.linea)}
        onReceived={(answer) => { writeDraft(null); setSending(false); setReceived(answer); }}
        onRefused={(error) => { setSending(false); setRefused(error); go("send"); }}
        onEdit={() => setSending(false)} />,
    );
  if (!report || step === "what") {
    if (failed) return <Failed onRetry={reload} />;
    return <What categories={categories} onChoose={choose} />;
  }
  if (step === "photo")
    return narrow(<PhotoStep report={report} onChange={change} onNext={() => go("send")} onBack={() => go("what")} />);
  return narrow(
    <SendStep report={report} errors={fieldsOf(refused)} refusal={refused?.message ?? null}
      onChange={change} onPlace={changePlace} onSend={send} onChangeCategory={() => go("what")} />,
  );
}

/** The tiles use the whole width of a desktop; what is read and typed does not. */
function narrow(screen: VNode): VNode {
  return <div class="angosta centrada">{screen}</div>;
}

function fieldsOf(refused: ApiError | null): FieldError[] {
  return refused?.fields ?? [];
}

function Failed({ onRetry }: { onRetry: () => void }) {
  return (
    <Notice tone="error" icon="alert-triangle" live>
      {t.what.failed} {t.noAnswer} <button type="button" class="boton menor" onClick={onRetry}>{t.what.retry}</button>
    </Notice>
  );
}

/** The page carries the catalogue; the API is asked only where it does not. */
function useCategories(known: Categoria[]): [Categoria[], boolean, () => void] {
  const [categories, setCategories] = useState(known);
  const [failed, setFailed] = useState(false);
  function load(): void {
    setFailed(false);
    call<{ categorias: Categoria[] }>("/api/v1/categorias").then(
      (answer) => setCategories(answer.categorias),
      () => setFailed(true),
    );
  }
  useEffect(() => {
    if (!known.length) load();
  }, []);
  return [categories, failed, load];
}

/** The phone's own back button goes one step back instead of leaving the page. */
function useSteps(): [Step, (step: Step) => void] {
  const [step, setStep] = useState<Step>("what");
  useEffect(() => {
    history.replaceState({ step: "what" }, "");
    const onPop = (event: PopStateEvent): void => {
      const state = event.state as { step?: Step } | null;
      setStep(state?.step ?? "what");
    };
    window.addEventListener("popstate", onPop);
    return () => window.removeEventListener("popstate", onPop);
  }, []);
  return [step, (next) => { history.pushState({ step: next }, ""); setStep(next); }];
}

function useDraft(
  categories: Categoria[], report: Report | null, received: Recibida | null, onRestore: (report: Report) => void,
): void {
  const isRead = useRef(false);
  useEffect(() => {
    if (isRead.current || !categories.length) return;
    isRead.current = true;
    const draft = readDraft();
    const category = draft && categories.find(({ codigo }) => codigo === draft.categoria);
    if (!category) return;
    const blank = blankReport(category);
    onRestore({ ...blank, description: draft.descripcion, place: { ...blank.place, reference: draft.referencia } });
  }, [categories]);
  // Before the next tap is taken: a phone that needs its memory gives no time for later.
  useLayoutEffect(() => {
    if (!isRead.current || received) return;
    const isKept = report !== null && !report.category.sensible;
    writeDraft(isKept ? {
      categoria: report.category.codigo, descripcion: report.description, referencia: report.place.reference,
    } : null);
  }, [report, received]);
}
