/** What stays on the phone while the form is filled, and how to erase it. */
import { useState } from "preact/hooks";
import { Icon } from "../shared/icon";
import { Notice } from "../shared/pieces";
import { d } from "./texts";

export function Keep({ isKept, isFull, onKeep, onDiscard }: {
  isKept: boolean; isFull: boolean; onKeep: (keep: boolean) => void; onDiscard: () => void;
}) {
  const [isAsking, askFirst] = useState(false);
  return (
    <div class="guardar">
      <label class="opcion">
        <input type="checkbox" checked={isKept} onChange={(event) => onKeep(event.currentTarget.checked)} />
        <span>{d.draft.keep}</span>
      </label>
      <p class="ayuda">{isFull ? d.draft.full : isKept ? d.draft.kept : d.draft.notKept}</p>
      {isAsking ? (
        <Notice tone="aviso" icon="trash" live>
          <p><strong>{d.draft.discardSure}</strong></p>
          <div class="acciones pares">
            <button type="button" class="boton emergencia" onClick={onDiscard}>{d.draft.discardYes}</button>
            <button type="button" class="boton segundo" onClick={() => askFirst(false)}>{d.draft.discardNo}</button>
          </div>
        </Notice>
      ) : (
        <button type="button" class="enlace" onClick={() => askFirst(true)}><Icon name="trash" /> {d.draft.discard}</button>
      )}
    </div>
  );
}
