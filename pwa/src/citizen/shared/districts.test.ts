import { describe, expect, it } from "vitest";
import { districtNamed } from "./districts";

const known = [
  { ubigeo: "150103", name: "Ate", label: "Ate, Lima" },
  { ubigeo: "040129", name: "Yarabamba", label: "Yarabamba, Arequipa" },
  { ubigeo: "150140", name: "Santiago de Surco", label: "Santiago de Surco, Lima" },
  { ubigeo: "010101", name: "Miraflores", label: "Miraflores, Lima" },
  { ubigeo: "040110", name: "Miraflores", label: "Miraflores, Arequipa" },
];

describe("a district typed by hand", () => {
  it.each([["ate", "150103"], ["ATE, lima", "150103"], ["  santiago  de surco", "150140"], ["Miraflores, Arequipa", "040110"]])(
    "%s is %s",
    (typed, ubigeo) => expect(districtNamed(typed, known)?.ubigeo).toBe(ubigeo),
  );
  it("a name that two provinces share is asked again", () => expect(districtNamed("miraflores", known)).toBeNull());
  it("an unknown name is nothing", () => expect(districtNamed("Springfield", known)).toBeNull());
});
