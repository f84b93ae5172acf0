/** Where a form's place begins. */
import { blankPlace } from "../alert/report";
import type { Place } from "../alert/report";

/** What happened earlier rarely happened where the phone is now: it is written or marked first. */
export const startPlace = (): Place => ({ ...blankPlace(false), mode: "referencia" });
