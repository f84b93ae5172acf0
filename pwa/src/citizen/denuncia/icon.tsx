/** The drawings of the asuntos, in a sprite of their own: the alert does not carry them. */
import sprite from "./icons.svg?url";

export function AsuntoIcon({ name }: { name: string }) {
  return (
    <svg class="icono" aria-hidden="true" focusable="false">
      <use href={`${sprite}#${name}`} />
    </svg>
  );
}
