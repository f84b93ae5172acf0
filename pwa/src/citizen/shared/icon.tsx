/** One drawing of the sprite; the pages rendered by the server use the same file. */
import sprite from "./icons.svg?url";

export function Icon({ name }: { name: string }) {
  return (
    <svg class="icono" aria-hidden="true" focusable="false">
      <use href={`${sprite}#${name}`} />
    </svg>
  );
}
