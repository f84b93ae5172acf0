/** What may be typed for a PIN and for the comisaría's code; the server is the judge. */

export const PIN_DIGITS = 6;

export const isPin = (typed: string): boolean => /^\d{6}$/.test(typed);

/** Keypads of phones put blanks and dashes between numbers. */
export const digitsOf = (typed: string): string => typed.replace(/\D/g, "").slice(0, PIN_DIGITS);

/** "#codigo=ABCD-EFGH-…" as the QR carries it. */
export const codeIn = (fragment: string): string | null => /^#codigo=([0-9A-Za-z-]{7,64})$/.exec(fragment)?.[1] ?? null;
