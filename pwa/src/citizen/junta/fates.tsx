/** "Qué pasó con lo que informamos": each informe's fate as the server words it, newest first. */
import { useState } from "preact/hooks";
import { call } from "../shared/api";
import { Icon } from "../shared/icon";
import { t } from "../shared/texts";
import { dayWords, stateWords } from "../shared/words";
import { INFORMES } from "./api";
import type { Gate, Respuesta, Suerte, Suertes } from "./api";
import { Failed, Heading, problemOf, useAsked, useBusy } from "./pieces";
import type { Problem } from "./pieces";
import { j } from "./texts";

export function Fates({ gate }: { gate: Gate }) {
  const first = useAsked<Suertes>(INFORMES, gate);
  return (
    <>
      <Heading>{j.fates.heading}</Heading>
      {first.problem ? <Failed problem={first.problem} onRetry={first.again} />
        : first.answer ? <List first={first.answer} gate={gate} />
        : <p role="status">{t.loading}</p>}
    </>
  );
}

function List({ first, gate }: { first: Suertes; gate: Gate }) {
  const [pages, setPages] = useState([first]);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, run] = useBusy();
  const cursor = pages[pages.length - 1]?.cursor;
  const all = pages.flatMap(({ informes }) => informes);

  async function more(): Promise<void> {
    setProblem(null);
    try {
      const next = await call<Suertes>(`${INFORMES}?cursor=${encodeURIComponent(cursor ?? "")}`, undefined, gate.sesion.acceso);
      setPages((known) => [...known, next]);
    } catch (error) {
      setProblem(problemOf(error, gate.shut));
    }
  }
  const reserved = <p class="ayuda">{first.reservados ? j.fates.reserved(first.reservados) : j.fates.sensible}</p>;
  if (!all.length) return <><p>{j.fates.none}</p>{reserved}</>;
  return (
    <>
      {reserved}
      <ol class="suertes">{all.map((fate, index) => <Fate key={index} fate={fate} />)}</ol>
      {problem && <Failed problem={problem} onRetry={() => run(more)} />}
      {cursor && !problem && (
        <button type="button" class="boton segundo grande" disabled={isBusy} onClick={() => run(more)}>
          {isBusy ? t.loading : j.fates.more}
        </button>
      )}
    </>
  );
}

function Fate({ fate }: { fate: Suerte }) {
  const achieved = fate.logro ? j.fates.achievements[fate.logro] : undefined;
  return (
    <li class="bloque">
      <h2>{fate.categoria}</h2>
      <p class="ayuda">{j.fates.kinds[fate.tipo] ?? fate.tipo} · {j.fates.told(dayWords(fate.enviado_el))}</p>
      <p><span class={`chapa estado-${fate.estado}`}>{stateWords(fate.estado)}</span></p>
      <p>{fate.texto}</p>
      {achieved && <p class="logro"><Icon name="check" /> {achieved}</p>}
      {fate.respuestas.length > 0 && <Answers answers={fate.respuestas} />}
      <p class="ayuda">{j.fates.last(dayWords(fate.actualizado_el))}</p>
    </li>
  );
}

function Answers({ answers }: { answers: Respuesta[] }) {
  return (
    <>
      <p>{j.fates.answered}</p>
      {answers.map(({ texto, escrito_el }, index) => (
        <figure class="respuesta" key={index}>
          <blockquote class="texto-libre">{texto}</blockquote>
          <figcaption class="ayuda">{dayWords(escrito_el)}</figcaption>
        </figure>
      ))}
    </>
  );
}
