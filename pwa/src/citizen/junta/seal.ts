/**
 * What this phone shows beside the PIN: its secret, or on every other phone that opened the page a
 * value at random of the same form, so that neither storage nor requests tell a coordinator's phone.
 */

/** Named like what any phone may have. */
const KEY = "ya.sello";
const BYTES = 32;

let inMemory: string | null = null;

export function sealOfPhone(): string {
  const known = inMemory ?? read();
  if (known) return known;
  keepSeal(decoy());
  return inMemory ?? "";
}

/** False when the phone lets nothing be kept: then it is good for as long as the page is open. */
export function keepSeal(seal: string): boolean {
  inMemory = seal;
  try {
    localStorage.setItem(KEY, seal);
    return localStorage.getItem(KEY) === seal;
  } catch {
    return false;
  }
}

/** An access that is over: the phone is like any other from now on. */
export function forgetSeal(): void {
  keepSeal(decoy());
}

/** Asked before a code is used up for nothing. */
export function canKeep(): boolean {
  return keepSeal(sealOfPhone());
}

function read(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // storage switched off
  }
}

/** As the server makes secrets: 32 bytes in URL-safe base 64. */
function decoy(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(BYTES));
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}
