/** A month in sentences with nothing to hide: to read aloud at a meeting, or to print. */
import { useState } from "preact/hooks";
import { Icon } from "../shared/icon";
import { t } from "../shared/texts";
import { RESUMEN } from "./api";
import type { Gate, Resumen } from "./api";
import { monthOf, monthsLater } from "./months";
import { Failed, Heading, useAsked } from "./pieces";
import { j } from "./texts";

export function Summary({ gate }: { gate: Gate }) {
  const latest = monthOf(new Date());
  const [month, setMonth] = useState(latest);
  const [isLarge, enlarge] = useState(false);
  const { answer, problem, again } = useAsked<Resumen>(`${RESUMEN}?mes=${month}`, gate);
  return (
    <div class={isLarge ? "resumen grande" : "resumen"}>
      <Heading>{j.summary.heading}</Heading>
      <p class="ayuda no-imprimir">{j.summary.hint}</p>
      <div class="acciones pares no-imprimir">
        <button type="button" class="boton menor" onClick={() => setMonth(monthsLater(month, -1))}>
          <Icon name="arrow-left" /> {j.summary.before}
        </button>
        <button type="button" class="boton menor" disabled={month >= latest} onClick={() => setMonth(monthsLater(month, 1))}>
          {j.summary.after}
        </button>
      </div>
      <div role="status">
        {problem ? <Failed problem={problem} onRetry={again} /> : answer ? <Words summary={answer} /> : <p>{t.loading}</p>}
      </div>
      <div class="acciones pares no-imprimir">
        <button type="button" class="boton segundo" onClick={() => enlarge(!isLarge)}>
          <Icon name="volume" /> {isLarge ? j.summary.small : j.summary.aloud}
        </button>
        <button type="button" class="boton segundo" disabled={!answer} onClick={() => window.print()}>
          <Icon name="file-text" /> {j.summary.print}
        </button>
      </div>
    </div>
  );
}

function Words({ summary }: { summary: Resumen }) {
  return (
    <section class="bloque lectura">
      <h2>{summary.titulo}</h2>
      {summary.lineas.map((line) => <p key={line}>{line}</p>)}
    </section>
  );
}
