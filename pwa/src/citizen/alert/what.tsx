/** Step 1: what is happening. */
import type { ComponentChildren } from "preact";
import type { Categoria } from "../shared/api";
import { Icon } from "../shared/icon";
import { StepHeading } from "../shared/pieces";
import { t } from "../shared/texts";

export interface Group { title: string; note?: string; holds: (category: Categoria) => boolean }

const GROUPS: Group[] = [
  { title: t.what.facts, holds: ({ tipo, sensible }) => tipo === "hecho" && !sensible },
  { title: t.what.sensible, note: t.what.sensibleNote, holds: ({ sensible }) => sensible },
  { title: t.what.risks, holds: ({ tipo, sensible }) => tipo === "factor_de_riesgo" && !sensible },
];

interface Props {
  categories: Categoria[];
  onChoose: (chosen: Categoria) => void;
  groups?: Group[];
  children?: ComponentChildren;
}

export function What({ categories, onChoose, groups = GROUPS, children }: Props) {
  return (
    <>
      {children ?? <StepHeading title={t.what.title}>{t.what.heading}</StepHeading>}
      {groups.map(({ title, note, holds }) => {
        const held = categories.filter(holds);
        return held.length > 0 && (
          <section class="grupo" key={title}>
            <h2>{title}</h2>
            {note && <p class="ayuda">{note}</p>}
            <ul class="azulejos">
              {held.map((category) => (
                <li key={category.codigo}>
                  <button type="button" class={`azulejo prioridad-${category.prioridad}`}
                    data-codigo={category.codigo} onClick={() => onChoose(category)}>
                    <Icon name={category.icono} />
                    <span>{category.nombre}</span>
                  </button>
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </>
  );
}
