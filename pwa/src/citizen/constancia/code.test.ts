import { describe, expect, it } from "vitest";
import contract from "../../../../docs/constancia.md?raw";
import { canonical, check, digestOf, readCode } from "./code";
import type { Json, Papers, PublishedKey } from "./code";
import { papersIn } from "./pdf";

const [keysText = "", contentText = ""] = [...contract.matchAll(/```json\n(.*)\n```/g)].map((block) => block[1] ?? "");
const KEYS = (JSON.parse(keysText) as { llaves: PublishedKey[] }).llaves;
const SALT = /sal `([0-9a-f]{32})`/.exec(contract)?.[1] ?? "";
const DIGEST = /huella es `([0-9a-f]{32})`/.exec(contract)?.[1];
const VECTORS = [...contract.matchAll(/^\| `([^`]{100,})` \| `(\w+)` \|$/gm)].map((row) => [row[1] ?? "", row[2]]);
const papers: Papers = { codigo: VECTORS[0]?.[0] ?? "", contenido: JSON.parse(contentText) as Papers["contenido"], sal: SALT };

describe("a code, by the vectors of docs/constancia.md", () => {
  it.each(VECTORS)("%s is %s", async (code = "", verdict) => {
    expect((await check(code, KEYS, papers)).verdict).toBe(verdict);
  });

  it("hashes the content as the server does", async () => {
    expect(canonical(JSON.parse(contentText) as Json)).toBe(contentText);
    expect(await digestOf(papers)).toBe(DIGEST);
  });

  it("says number and second", () => {
    const code = readCode(papers.codigo);
    expect(code?.numero).toBe("YA-7K2M-Q9XD-1");
    expect(code?.issuedAt.toISOString()).toBe("2026-11-21T13:15:07.000Z");
  });

  it("is never good with one symbol changed", async () => {
    for (let at = 0; at < papers.codigo.length; at += 12) {
      const symbol = papers.codigo.charAt(at) === "Z" ? "Y" : "Z";
      const changed = papers.codigo.slice(0, at) + symbol + papers.codigo.slice(at + 1);
      expect((await check(changed, KEYS)).verdict, String(at)).not.toBe("good");
    }
  });

  it("has no digest without a whole salt", async () => {
    expect((await check(papers.codigo, KEYS, { ...papers, sal: "00" })).verdict).toBe("other_content");
  });
});

describe("the document in a PDF", () => {
  const document = JSON.stringify({ codigo: "1", contenido: {}, sal: "" });
  const bytes = (...parts: (string | Uint8Array)[]) =>
    new Blob(parts.map((one) => (typeof one === "string" ? one : new Uint8Array(one)))).arrayBuffer();
  const packed = async (words: string) =>
    new Uint8Array(await new Response(new Blob([words]).stream().pipeThrough(new CompressionStream("deflate"))).arrayBuffer());

  it("is found packed and plain, whatever ends the lines", async () => {
    for (const end of ["\n", "\r\n"]) {
      const other = await packed("q 1 0 0 1 0 0 cm");
      const own = await packed(document);
      expect(await papersIn(await bytes(`%PDF-1.7 stream${end}`, other, `${end}endstream stream${end}`, own, `${end}endstream`))).toEqual(JSON.parse(document));
      expect(await papersIn(await bytes(`%PDF-1.7 stream${end}${document}${end}endstream`))).toEqual(JSON.parse(document));
    }
  });

  it("is not looked for in what is far too big", async () => {
    const bomb = await packed(`${document.slice(0, -1)},"x":"${"a".repeat(2_000_000)}"}`);
    expect(await papersIn(await bytes("stream\n", bomb, "\nendstream"))).toBeNull();
    expect(await papersIn(await bytes(" ".repeat(10_000_000), `stream\n${document}\nendstream`))).toBeNull();
  });

  it("is not taken from a file with none, two or a broken one", async () => {
    const twice = `stream\n${document}\nendstream stream\n${document.replace('"1"', '"2"')}\nendstream`;
    for (const file of ["", "hola", twice, 'stream\n{"codigo":1}\nendstream', 'stream\n{"codigo":\nendstream'])
      expect(await papersIn(await bytes(file))).toBeNull();
  });
});
