/** After the 201: number and clave, what comes next and by when, and the constancia. */
import { useState } from "preact/hooks";
import { Keeping } from "../alert/done";
import { Icon } from "../shared/icon";
import { inFours } from "../shared/numbers";
import { Notice, StepHeading } from "../shared/pieces";
import { t } from "../shared/texts";
import { hourWords, longDay } from "../shared/words";
import { Another, Following } from "../tracking/following";
import type { Asunto, DenunciaRecibida } from "./api";
import { ConstanciaButton, accessOf } from "./constancia";
import { d } from "./texts";

interface Props {
  received: DenunciaRecibida;
  asunto: Asunto;
  onAnother: () => void;
  isKept: boolean;
  onKept: (isKept: boolean) => void;
}

export function Received({ received, asunto, onAnother, isKept, onKept }: Props) {
  const { numero, clave, comisaria, vence_el, pasa_en, avisos, constancia } = received;
  const isQueja = asunto.tipo === "queja";
  const [isFollowing, follow] = useState(false);
  return (
    <>
      {isFollowing && <Following numero={numero} clave={clave} onBack={() => follow(false)} />}
      <article hidden={isFollowing}>
        {!isFollowing && (
          <StepHeading title={isQueja ? d.received.titleQueja : d.received.title}>
            {isQueja ? d.received.headingQueja : d.received.heading}
          </StepHeading>
        )}
        <dl class="llaves">
          <div><dt>{t.done.number}</dt><dd id="numero">{numero}</dd></div>
          <div><dt>{t.done.clave}</dt><dd id="clave">{inFours(clave)}</dd></div>
        </dl>
        <p>{isQueja ? d.received.keepQueja : d.received.keep}</p>
        <Keeping received={received} category={asunto} onKept={onKept} />
        {avisos.map(({ campo, mensaje }) => <Notice tone="aviso" icon="alert-triangle" key={campo}>{mensaje}</Notice>)}
        <section class="bloque">
          <h2>{d.received.next}</h2>
          <ol class="pasos sigue">
            <li>{isQueja ? d.received.unitReserved : comisaria ? d.received.unit(comisaria.nombre) : d.received.unitUnknown}</li>
            {pasa_en && <li>{d.received.passes(hourWords(pasa_en))}</li>}
            {vence_el && <li><strong>{d.received.term(longDay(vence_el))}</strong></li>}
            {!isQueja && <li>{d.received.ratify}</li>}
            <li>{d.received.more}</li>
          </ol>
        </section>
        {constancia && <ConstanciaButton access={() => accessOf(numero, clave)} />}
        {!isQueja && <p class="ayuda">{d.received.notPolice}</p>}
        <div class="acciones apiladas">
          <button type="button" class="boton segundo" onClick={() => follow(true)}><Icon name="list-search" /> {d.received.follow}</button>
          <Another words={isQueja ? d.received.anotherQueja : d.received.another} isKept={isKept} onAnother={onAnother} />
        </div>
      </article>
    </>
  );
}
