/** The form of a case number and of its clave; used wherever a person types or reads one. */

const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const ALPHABET_37 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOOK_ALIKES: Record<string, string> = { O: "0", I: "1", L: "1" };

function symbols(text: string): string {
  return text.toUpperCase().replace(/[^0-9A-Z]/g, "");
}

function foldLookAlikes(text: string): string {
  return text.replace(/[OIL]/g, (symbol) => LOOK_ALIKES[symbol] ?? symbol);
}

function isCrockford(text: string): boolean {
  return [...text].every((symbol) => CROCKFORD.includes(symbol));
}

/** ISO 7064 MOD 37,36 over the eight random symbols. */
export function checkSymbol(body: string): string {
  let carry = 36;
  for (const symbol of body) {
    const sum = (carry + ALPHABET_37.indexOf(symbol)) % 36 || 36;
    carry = (sum * 2) % 37;
  }
  return ALPHABET_37.charAt((37 - carry) % 36);
}

/** "ya 7k3m 9qx2 d", "7K3M-9QX2-D" -> "YA-7K3M-9QX2-D"; null when it cannot be a number. */
export function normaliseNumero(text: string): string | null {
  let typed = foldLookAlikes(symbols(text));
  // Y and A are also ordinary symbols: only eleven of them can carry the prefix.
  if (typed.length === 11 && typed.startsWith("YA")) typed = typed.slice(2);
  const body = typed.slice(0, 8);
  if (typed.length !== 9 || !isCrockford(typed) || checkSymbol(body) !== typed.charAt(8)) return null;
  return `YA-${inFours(body)}-${typed.charAt(8)}`;
}

/** Sixteen symbols in fours, look-alikes folded; null when it cannot be a clave. */
export function normaliseClave(text: string): string | null {
  const typed = foldLookAlikes(symbols(text));
  if (typed.length !== 16 || !isCrockford(typed)) return null;
  return inFours(typed);
}

export function inFours(text: string): string {
  return (symbols(text).match(/.{1,4}/g) ?? []).join("-");
}
