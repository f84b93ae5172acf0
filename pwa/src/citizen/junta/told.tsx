/** After the 201 of an informe: where its fate is read; of a sensible matter number and clave, this once. */
import { Keeping, Seen } from "../alert/done";
import type { Report } from "../alert/report";
import { urgentNumber } from "../shared/api";
import { inFours } from "../shared/numbers";
import { Notice } from "../shared/pieces";
import { t } from "../shared/texts";
import { Another } from "../tracking/following";
import type { InformeRecibido } from "./api";
import { Heading } from "./pieces";
import { j } from "./texts";

interface Props {
  received: InformeRecibido;
  report: Report;
  isKept: boolean;
  onKept: (isKept: boolean) => void;
  onAnother: () => void;
  onFates: () => void;
}

export function Told({ received, report: { category }, isKept, onKept, onAnother, onFates }: Props) {
  const isInList = received.se_sigue_por_junta;
  return (
    <article>
      <Heading>{j.tell.received}</Heading>
      <Seen received={received} line={urgentNumber(category.linea)} words={j.tell.seen} />
      {!isInList && <Notice tone="aviso" icon="shield-check">{j.tell.notInList}</Notice>}
      <dl class="llaves">
        <div><dt>{t.done.number}</dt><dd id="numero">{received.numero}</dd></div>
        {!isInList && <div><dt>{t.done.clave}</dt><dd id="clave">{inFours(received.clave)}</dd></div>}
      </dl>
      {isInList ? <p>{j.tell.inList}</p> : <Keeping received={received} category={{ ...category, sensible: true }} onKept={onKept} />}
      <div class="acciones apiladas">
        {isInList && <button type="button" class="boton principal" onClick={onFates}>{j.tell.seeList}</button>}
        <Another words={j.tell.another} isKept={isKept} onAnother={onAnother} />
      </div>
      <p class="ayuda">{j.tell.notADenuncia}</p>
    </article>
  );
}
