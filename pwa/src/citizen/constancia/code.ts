/** The code of a constancia, read and checked in the browser; the format is in docs/constancia.md. */
import { verifyAsync } from "@noble/ed25519";

export type Verdict =
  | "good" | "unreadable" | "changed" | "unknown_key" | "key_retired" | "key_too_young" | "other_content";

export interface PublishedKey { version: number; publica: string; desde: string | null; hasta: string | null }
export interface Code {
  keyVersion: number;
  numero: string;
  issuedAt: Date;
  digest: string;
  signed: string;
  signature: Uint8Array;
}
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export interface Papers { codigo: string; contenido: { [name: string]: Json }; sal: string }
export interface Checked { verdict: Verdict; code: Code | null }

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LOOK_ALIKES: Record<string, string> = { O: "0", I: "1", L: "1" };
const FORMAT = "1";
const DOMAIN = "YA-CONSTANCIA-1:";
const [KEY_AT, NUMBER_AT, TIME_AT, DIGEST_AT, SIGNATURE_AT, END] = [1, 4, 13, 20, 46, 149] as const;
const DIGEST_BYTES = 16;
const SIGNATURE_BYTES = 64;
const SALT = /^[0-9a-f]{32}$/;

/** What a code says; typed with blanks, in lower case, with look-alikes, or as the whole address. */
export function readCode(text: string): Code | null {
  const typed = text.slice(text.lastIndexOf("#") + 1).toUpperCase().replace(/[\s-]/g, "");
  const symbols = typed.replace(/[OIL]/g, (one) => LOOK_ALIKES[one] ?? one);
  if (symbols.length !== END || !symbols.startsWith(FORMAT) || [...symbols].some((one) => !ALPHABET.includes(one))) return null;
  const digest = unpacked(symbols.slice(DIGEST_AT, SIGNATURE_AT), DIGEST_BYTES);
  const signature = unpacked(symbols.slice(SIGNATURE_AT), SIGNATURE_BYTES);
  if (!digest || !signature) return null;
  const numero = symbols.slice(NUMBER_AT, TIME_AT);
  return {
    keyVersion: valueOf(symbols.slice(KEY_AT, NUMBER_AT)),
    numero: `YA-${numero.slice(0, 4)}-${numero.slice(4, 8)}-${numero.slice(8)}`,
    issuedAt: new Date(valueOf(symbols.slice(TIME_AT, DIGEST_AT)) * 1000),
    digest: hex(digest),
    signed: symbols.slice(0, SIGNATURE_AT),
    signature,
  };
}

export async function check(text: string, keys: readonly PublishedKey[], papers?: Papers): Promise<Checked> {
  const code = readCode(text);
  if (!code) return { verdict: "unreadable", code };
  const verdict = await verdictOn(code, keys);
  if (verdict !== "good" || !papers) return { verdict, code };
  return { verdict: (await digestOf(papers)) === code.digest ? "good" : "other_content", code };
}

async function verdictOn(code: Code, keys: readonly PublishedKey[]): Promise<Verdict> {
  const key = keys.find(({ version }) => version === code.keyVersion);
  if (!key) return "unknown_key";
  const message = new TextEncoder().encode(DOMAIN + code.signed);
  const isSigned = await verifyAsync(code.signature, message, unhex(key.publica), { zip215: false }).catch(() => false);
  if (!isSigned) return "changed";
  const at = code.issuedAt.getTime();
  // The code knows whole seconds only.
  if (key.desde && at < Math.floor(new Date(key.desde).getTime() / 1000) * 1000) return "key_too_young";
  if (key.hasta && at >= new Date(key.hasta).getTime()) return "key_retired";
  return "good";
}

/** The first half of SHA-256 over salt and content, as hexadecimal digits. */
export async function digestOf(papers: Papers): Promise<string> {
  if (!SALT.test(papers.sal)) return "";
  const content = new TextEncoder().encode(canonical(papers.contenido));
  const salted = new Uint8Array([...unhex(papers.sal), ...content]);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", salted));
  return hex(digest.slice(0, DIGEST_BYTES));
}

/** JSON with its names in order and nothing between, as it was hashed. */
export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const members = Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name] ?? null)}`);
  return `{${members.join(",")}}`;
}

function valueOf(symbols: string): number {
  return [...symbols].reduce((value, one) => value * 32 + ALPHABET.indexOf(one), 0);
}

/** The bytes, or null when the filling is not zero: each code has one spelling only. */
function unpacked(symbols: string, size: number): Uint8Array | null {
  const bytes = new Uint8Array(size);
  let held = 0;
  let bits = 0;
  let at = 0;
  for (const one of symbols) {
    held = (held << 5) | ALPHABET.indexOf(one);
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    if (at < size) bytes[at++] = held >> bits;
    held &= (1 << bits) - 1;
  }
  return held === 0 ? bytes : null;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");
}

function unhex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
