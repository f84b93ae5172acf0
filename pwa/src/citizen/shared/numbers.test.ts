import { describe, expect, it } from "vitest";
import contract from "../../../../docs/numero.md?raw";
import { checkSymbol, inFours, normaliseClave, normaliseNumero } from "./numbers";

function whole(body: string): string {
  return `YA-${body.slice(0, 4)}-${body.slice(4)}-${checkSymbol(body)}`;
}

/** The two columns of a table of docs/numero.md: the contract, not a copy of it. */
function rows(heading: string): [string, string][] {
  const section = contract.split(`## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  return [...section.matchAll(/^\| `([^`]+)` \| `([^`]+)` \|$/gm)].map((row) => [row[1] ?? "", row[2] ?? ""]);
}

describe("the check symbol, ISO 7064 MOD 37,36", () => {
  it.each(rows("Vectores del símbolo de control"))("of %s is %s", (symbols, check) => {
    expect(checkSymbol(symbols)).toBe(check);
  });

  it("notices every single wrong symbol and every swap of neighbours", () => {
    const body = "7K3M9QX2";
    const check = checkSymbol(body);
    for (let place = 0; place < 8; place += 1) {
      for (const other of "0123456789ABCDEFGHJKMNPQRSTVWXYZ") {
        if (other === body[place]) continue;
        expect(checkSymbol(body.slice(0, place) + other + body.slice(place + 1))).not.toBe(check);
      }
    }
    expect(checkSymbol("K73M9QX2")).not.toBe(check);
  });
});

describe("a number typed by hand", () => {
  const right = whole("7K3M9QX2");

  it.each([
    right,
    right.toLowerCase(),
    right.replace(/-/g, ""),
    right.replace(/-/g, " "),
    right.slice(3),
    `  ${right.slice(3).replace(/-/g, "")} `,
  ])("is understood as %s", (typed) => expect(normaliseNumero(typed)).toBe(right));

  it.each(rows("Cómo se lee lo que escribe una persona"))("%s is understood as %s", (typed, meant) => {
    expect(normaliseNumero(typed)).toBe(meant);
  });

  it("forgives look-alikes", () => {
    const zeros = whole("0110ABCE");
    expect(normaliseNumero(zeros.replace("0110", "OILO"))).toBe(zeros);
  });

  it("keeps a number whose own symbols begin with YA", () => {
    const number = whole("YA000000");
    expect(normaliseNumero(number.slice(3))).toBe(number);
    expect(normaliseNumero(number)).toBe(number);
  });

  it.each(["", "YA", "123", right.slice(0, -1), `${right}9`, right.replace("7K3M", "7K3N"), right.replace("7", "U")])(
    "is refused as %s",
    (typed) => expect(normaliseNumero(typed)).toBeNull(),
  );
});

describe("a clave typed by hand", () => {
  it("is understood with spaces, hyphens, small letters and look-alikes", () => {
    expect(normaliseClave("abcd efgh jkmn pqrs")).toBe("ABCD-EFGH-JKMN-PQRS");
    expect(normaliseClave("OOOO-IIII-LLLL-2222")).toBe("0000-1111-1111-2222");
  });
  it("is refused when short or with a foreign symbol", () => {
    expect(normaliseClave("ABCD-EFGH-JKMN")).toBeNull();
    expect(normaliseClave("UUUU-EFGH-JKMN-PQRS")).toBeNull();
  });
  it("is shown in fours", () => expect(inFours("ABCDEFGHJKMNPQRS")).toBe("ABCD-EFGH-JKMN-PQRS"));
});
