/** An informe in a minute, on the alert's own screens: how it is known, what, photo, place and words. */
import { usePosition } from "../alert/finding";
import { PhotoStep } from "../alert/photo";
import { datosOf } from "../alert/report";
import type { Place, Report } from "../alert/report";
import { SendStep } from "../alert/send";
import { Sending } from "../alert/sending";
import { freeze } from "../alert/submission";
import { What } from "../alert/what";
import type { Group } from "../alert/what";
import { urgentNumber } from "../shared/api";
import type { ApiError, Lugar } from "../shared/api";
import { Icon } from "../shared/icon";
import { INFORMES } from "./api";
import type { CategoriaDeJunta, Clase, Gate, InformeRecibido, Procedencia } from "./api";
import { withCategory, withSource } from "./informe";
import type { Informe } from "./informe";
import { Heading } from "./pieces";
import type { Screen } from "./screens";
import { Told } from "./told";
import { j } from "./texts";

const isOf = (clase: Clase) => ({ sensible, clase: own }: CategoriaDeJunta): boolean => !sensible && own === clase;

export const GROUPS: Group[] = [
  { title: j.tell.crimes, holds: isOf("delito") },
  { title: j.tell.faltas, holds: isOf("falta") },
  { title: j.tell.risks, holds: isOf("factor_de_riesgo") },
  { title: j.tell.other, holds: isOf("otro") },
  { title: j.tell.sensible, note: j.tell.sensibleNote, holds: ({ sensible }) => sensible },
];

interface Props {
  gate: Gate;
  categories: CategoriaDeJunta[];
  informe: Informe;
  screen: Screen;
  onInforme: (alter: (now: Informe) => Informe) => void;
  go: (screen: Screen) => void;
  onFates: () => void;
  onAnother: () => void;
}

export function Tell({ gate, categories, informe, screen, onInforme, go, onFates, onAnother }: Props) {
  const { source, report, frozen } = informe;
  const set = (changes: Partial<Informe>): void => onInforme((now) => ({ ...now, ...changes }));
  const changeReport = (alter: (now: Report) => Report): void =>
    onInforme((now) => (now.report ? { ...now, report: alter(now.report) } : now));
  const change = (changes: Partial<Report>): void => changeReport((now) => ({ ...now, ...changes }));
  const changePlace = (changes: Partial<Place>): void => changeReport((now) => ({ ...now, place: { ...now.place, ...changes } }));

  usePosition(informe.received ? null : report, changePlace);

  function send(lugar: Lugar): void {
    if (!report || !source) return;
    const datos = { ...datosOf(report, lugar, new Date()), procedencia: source };
    const files = report.photos.map(({ file }) => file);
    onInforme((now) => ({ ...now, errors: [], refusal: null, isSending: true, frozen: freeze(datos, files, now.frozen, INFORMES) }));
  }
  function refuse(error: ApiError): void {
    set({ isSending: false });
    if (!gate.shut(error)) set({ errors: error.fields, refusal: error.message });
  }

  if (informe.received && report)
    return <Told received={informe.received} report={report} isKept={informe.isKept} onKept={(isKept) => set({ isKept })} onAnother={onAnother} onFates={onFates} />;
  if (informe.isSending && frozen && report)
    return (
      <Sending<InformeRecibido> frozen={frozen} access={gate.sesion.acceso} heading={j.tell.sending}
        isSensible={report.category.sensible} line={urgentNumber(report.category.linea)}
        onReceived={(received) => set({ isSending: false, received, isKept: received.se_sigue_por_junta })}
        onNoAnswer={() => set({ mayHaveArrived: true })} onRefused={refuse} onEdit={() => set({ isSending: false })} />
    );
  if (!source || screen === "source")
    return <Source onChoose={(chosen) => { onInforme((now) => withSource(now, chosen)); go(report ? "send" : "what"); }} />;
  if (!report || screen === "what")
    return (
      <What categories={categories} groups={GROUPS}
        onChoose={(category) => { onInforme((now) => withCategory(now, category)); go("photo"); }}>
        <p class="paso">{j.tell.step(2)}</p>
        <Heading>{j.tell.what}</Heading>
      </What>
    );
  if (screen === "photo")
    return <PhotoStep report={report} step={j.tell.step(3)} onChange={change} onNext={() => go("send")} onBack={() => go("what")} />;
  return (
    <SendStep report={report} errors={informe.errors} refusal={informe.refusal}
      manner={{
        step: j.tell.step(4), button: j.tell.button, refused: j.tell.refused,
        care: source === "vecino" ? j.tell.care : undefined, around: gate.sesion.centro,
        district: gate.sesion.distrito, desk: j.tell.desk,
      }}
      onChange={change} onPlace={changePlace} onSend={send} onChangeCategory={() => go("what")} />
  );
}

const SOURCES: { codigo: Procedencia; icon: string; words: string; hint: string }[] = [
  { codigo: "propia", icon: "eye", words: j.tell.own, hint: j.tell.ownHint },
  { codigo: "vecino", icon: "message", words: j.tell.neighbour, hint: j.tell.neighbourHint },
];

function Source({ onChoose }: { onChoose: (source: Procedencia) => void }) {
  return (
    <>
      <p class="paso">{j.tell.step(1)}</p>
      <Heading>{j.tell.source}</Heading>
      <ul class="puertas">
        {SOURCES.map(({ codigo, icon, words, hint }) => (
          <li key={codigo}>
            <button type="button" class="puerta" data-codigo={codigo} onClick={() => onChoose(codigo)}>
              <Icon name={icon} /> <span><strong>{words}</strong><small>{hint}</small></span>
            </button>
          </li>
        ))}
      </ul>
      <p class="ayuda">{j.tell.memory}</p>
    </>
  );
}
