/** The juntas' page: a door for everybody, and what is behind it for who has phone and PIN. */
import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { ApiError, Unidad } from "../shared/api";
import { hasEnded } from "./api";
import type { CategoriaDeJunta, Sesion } from "./api";
import { Ended } from "./ended";
import { Enrol } from "./enrol";
import { Enter } from "./enter";
import { BLANK, discard, unsentOf } from "./informe";
import type { Informe, Unsent } from "./informe";
import { Inside } from "./inside";
import { codeIn } from "./pin";
import { forgetSeal, sealOfPhone } from "./seal";
import { j } from "./texts";
import { useIdle, useLeaving } from "./watch";

type Where =
  | { at: "door"; said: string | null }
  | { at: "enrolment"; code: string }
  | { at: "inside"; sesion: Sesion; said: string | null }
  | { at: "ended"; why: string; comisaria: Unidad | null; unsent: Unsent | null };

export default function Junta({ known, fragment }: { known: CategoriaDeJunta[]; fragment: string }) {
  const [where, setWhere] = useState<Where>(() => arrival(fragment));
  const [informe, setInforme] = useState<Informe>(BLANK);
  // A send that began before keeps calling what it was given then.
  const newest = useRef(informe);
  newest.current = informe;
  const [visit, setVisit] = useState(0);
  const inside = where.at === "inside" ? where.sesion : null;
  const toDoor = (said: string | null): void => setWhere({ at: "door", said });

  useSeal();
  useIdle(where.at === "ended", () => toDoor(null));
  // When the session ends only the server knows: the phone's clock may be hours off.
  useIdle(inside !== null, () => toDoor(j.pin.idle));
  useLeaving(() => { setInforme(discard); toDoor(null); setVisit((count) => count + 1); });
  useScannedAgain((code) => { setInforme(discard); setWhere({ at: "enrolment", code }); });

  function end(error: ApiError, unsent = unsentOf(newest.current)): void {
    forgetSeal();
    setInforme(discard);
    setWhere({ at: "ended", why: error.message, comisaria: inside?.comisaria ?? null, unsent });
  }
  // A code opens nothing that was told behind a PIN.
  const endOfCode = (error: ApiError): void => end(error, null);
  function shut(error: ApiError): boolean {
    if (hasEnded(error)) end(error);
    else if (error.status === 401) toDoor(j.pin.over);
    else return false;
    return true;
  }
  const open = (sesion: Sesion, said: string | null = null): void => setWhere({ at: "inside", sesion, said });

  return <div class="angosta centrada" key={`${where.at} ${visit}`}>{screenFor()}</div>;

  function screenFor(): VNode {
    if (where.at === "inside")
      return (
        <Inside gate={{ sesion: where.sesion, shut }} said={where.said} categories={known} informe={informe}
          onInforme={setInforme} onLeave={() => toDoor(j.pin.left)} />
      );
    if (where.at === "enrolment")
      return (
        <Enrol key={where.code} code={where.code} onDone={open} onMade={toDoor} onEnded={endOfCode} onBack={() => toDoor(null)} />
      );
    if (where.at === "ended") return <Ended {...where} onBack={() => toDoor(null)} />;
    return <Enter said={where.said} onOpen={open} onEnded={(error) => end(error)} onCode={() => setWhere({ at: "enrolment", code: "" })} />;
  }
}

function arrival(fragment: string): Where {
  const code = codeIn(fragment);
  return code ? { at: "enrolment", code } : { at: "door", said: null };
}

/** Also a phone that never was a coordinator's has one, from its first visit on. */
function useSeal(): void {
  useEffect(() => void sealOfPhone(), []);
}

/** The QR may be read while the page is open: then the address changes and the page does not. */
function useScannedAgain(onCode: (code: string) => void): void {
  const newest = useRef(onCode);
  newest.current = onCode;
  useEffect(() => {
    const look = (): void => {
      const code = codeIn(location.hash);
      if (!code) return;
      history.replaceState(history.state, "", location.pathname);
      newest.current(code);
    };
    window.addEventListener("hashchange", look);
    return () => window.removeEventListener("hashchange", look);
  }, []);
}
