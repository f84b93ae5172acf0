/** Finds the document that a constancia's PDF carries, without knowing more of PDF than its streams. */
import type { Papers } from "./code";

/** The browser is older than what unpacking needs. */
export class CannotUnpack extends Error {}

const BEGIN = '{"codigo":';
const STREAM = /stream\r?\n/g;
/** A constancia weighs 70 KB and says a few; whoever wants to choke a phone does not get far. */
const MOST_BYTES = 10_000_000;
const MOST_LETTERS = 1_000_000;

export async function papersIn(file: ArrayBuffer): Promise<Papers | null> {
  if (file.byteLength > MOST_BYTES) return null;
  const bytes = new Uint8Array(file);
  // One letter for each byte, so that places in the text are places in the file.
  const text = new TextDecoder("latin1").decode(bytes);
  const found = new Set<string>();
  for (const begin of text.matchAll(STREAM)) {
    const start = begin.index + begin[0].length;
    const end = text.indexOf("endstream", start);
    if (end < 0 || text.slice(begin.index - 3, begin.index) === "end") continue;
    const words = await wordsOf(bytes.slice(start, end));
    if (words.startsWith(BEGIN)) found.add(words);
  }
  const [only, ...others] = found;
  return only && !others.length ? asPapers(only) : null;
}

async function wordsOf(data: Uint8Array<ArrayBuffer>): Promise<string> {
  const plain = new TextDecoder().decode(data);
  // 0x78 begins what zlib has packed.
  if (plain.startsWith(BEGIN) || data[0] !== 0x78) return plain.trim();
  if (typeof DecompressionStream === "undefined") throw new CannotUnpack();
  return unpack(data);
}

/** As much as can be unpacked: after the packed bytes a line end may follow, which is no error here. */
async function unpack(data: Uint8Array<ArrayBuffer>): Promise<string> {
  const reader = new Blob([data]).stream().pipeThrough(new DecompressionStream("deflate")).getReader();
  const decoder = new TextDecoder();
  let words = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return words;
      words += decoder.decode(value, { stream: true });
      const isOther = words.length >= BEGIN.length && !words.startsWith(BEGIN);
      if (isOther || words.length > MOST_LETTERS) {
        await reader.cancel();
        return "";
      }
    }
  } catch {
    return words;
  }
}

function asPapers(words: string): Papers | null {
  try {
    const papers = JSON.parse(words) as Papers;
    const isWhole = typeof papers.codigo === "string" && typeof papers.sal === "string" && typeof papers.contenido === "object";
    return isWhole ? papers : null;
  } catch {
    return null;
  }
}
