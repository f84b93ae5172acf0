/** What may be typed for a PIN and for the comisaría's code; the server is the judge. */

export const PIN_DIGITS = 6;

export const isPin = (typed: string): boolean => /^\d{6}$/.test(typed);

/** Keypads of phones put blanks and dashes between numbers. */
export const digitsOf = (typed: string): string => typed.replace(/\D/g, "").slice(0, PIN_DIGITS);

/** "#codigo=ABCD-…" as the QR carries it, or the code alone. */
export function codeIn(fragment: string): string | null {
  const code = fragment.replace(/^#/, "").replace(/^codigo=/, "").replace(/%20|\+/g, " ").trim();
  return /^[0-9A-Za-z][0-9A-Za-z -]{6,60}$/.test(code) ? code : null;
}
