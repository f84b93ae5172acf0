/** Who would receive it and whether anybody is looking now, told before sending. */
import { useEffect, useState } from "preact/hooks";
import { call } from "../shared/api";
import type { Atencion, Lugar } from "../shared/api";
import { Notice, Tel } from "../shared/pieces";
import { t } from "../shared/texts";

/** What is received is "la alerta" here, "el informe" elsewhere. */
export interface DeskWords { attended: (name: string) => string; unknown: string }

interface Props { category: string; isSensible: boolean; lugar: Lugar | null; words?: DeskWords | undefined }

export function Desk({ category, isSensible, lugar, words = t.desk }: Props) {
  const [desk, setDesk] = useState<Atencion | null>(null);
  const { lat, lon } = lugar ?? {};
  useEffect(() => {
    setDesk(null);
    if (isSensible || lat === undefined || lon === undefined) return;
    let isStale = false;
    call<Atencion>("/api/v1/atencion", { lat, lon, categoria: category }).then(
      (answer) => isStale || setDesk(answer),
      () => undefined, // a courtesy: without it the alert is sent all the same
    );
    return () => { isStale = true; };
  }, [category, isSensible, lat, lon]);
  return <div aria-live="polite">{wordsFor(desk, isSensible, words)}</div>;
}

function wordsFor(desk: Atencion | null, isSensible: boolean, words: DeskWords) {
  const unit = desk?.comisaria?.nombre;
  if (!desk || !unit) return isSensible ? null : <p class="ayuda">{words.unknown}</p>;
  if (desk.atendida) return <Notice tone="bien" icon="eye">{words.attended(unit)}</Notice>;
  return (
    <Notice tone="aviso" icon="eye-off">
      {t.desk.unattended(unit)} <Tel number={desk.linea?.numero ?? "105"} />.
    </Notice>
  );
}
