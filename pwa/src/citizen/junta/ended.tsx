/** The access is over: why, as the server says it to whom it may, whom to ask, and what was not sent. */
import { useState } from "preact/hooks";
import { copy } from "../alert/done";
import type { Unidad } from "../shared/api";
import { Icon } from "../shared/icon";
import { Notice } from "../shared/pieces";
import { t } from "../shared/texts";
import type { Unsent } from "./informe";
import { Heading } from "./pieces";
import { j } from "./texts";

interface Props { why: string; comisaria: Unidad | null; unsent: Unsent | null; onBack: () => void }

export function Ended({ why, comisaria, unsent, onBack }: Props) {
  return (
    <section class="centro">
      <Heading>{j.ended.heading}</Heading>
      {unsent && <Notice tone="aviso" icon="alert-triangle"><strong>{unsent.mayHaveArrived ? j.ended.inDoubt : j.ended.notSent}</strong></Notice>}
      <p>{why}</p>
      <p>{j.ended.pin}</p>
      {unsent && <GivenBack unsent={unsent} />}
      <div class="acciones apiladas">
        {comisaria?.telefono && (
          <a class="boton principal" href={`tel:${comisaria.telefono.replace(/[^\d+*#]/g, "")}`}>
            <Icon name="phone-call" /> {j.ended.call(comisaria.nombre)}
          </a>
        )}
        <button type="button" class="boton segundo" onClick={onBack}>{j.ended.back}</button>
      </div>
    </section>
  );
}

/** The words are on the screen alone, so that they can be copied; leaving it drops them. */
function GivenBack({ unsent: { words, hasPhotos } }: { unsent: Unsent }) {
  const [said, say] = useState("");
  const copyIt = async (): Promise<void> => say((await copy(words)) ? t.done.copied : j.ended.copyFailed);
  return (
    <>
      <h2 id="no-enviado">{j.ended.written}</h2>
      <blockquote class="texto-libre bloque" aria-labelledby="no-enviado">{words}</blockquote>
      <p class="ayuda">{hasPhotos ? j.ended.copyWithPhotos : j.ended.copyWhy}</p>
      <div class="acciones apiladas">
        <button type="button" class="boton segundo" onClick={() => void copyIt()}><Icon name="copy" /> {j.ended.copy}</button>
        <a class="boton segundo" href="/"><Icon name="bell-ringing" /> {j.ended.asNeighbour}</a>
      </div>
      <p class="ayuda" role="status">{said}</p>
    </>
  );
}
