/** The access is over: why, as the server says it to whom it may, and whom to ask. */
import type { Unidad } from "../shared/api";
import { Icon } from "../shared/icon";
import { Heading } from "./pieces";
import { j } from "./texts";

export function Ended({ why, comisaria, onBack }: { why: string; comisaria: Unidad | null; onBack: () => void }) {
  return (
    <section class="centro">
      <Heading>{j.ended.heading}</Heading>
      <p>{why}</p>
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
