/**
 * What this phone shows beside the PIN: its secret, or on every other phone that opened the page a
 * value at random of the same form, so that neither storage nor requests tell a coordinator's phone.
 */

/** Named like what any phone may have. */
const KEY = "ya.sello";
const BYTES = 32;

/** Where the phone keeps nothing: good for as long as the page is open. */
let inMemory: string | null = null;
/** What this tab showed last, or was given: another may have been given a newer one since. */
let ours: string | null = null;

export function sealOfPhone(): string {
  ours = inMemory ?? read();
  if (!ours) keepSeal(decoy());
  return ours ?? "";
}

/** False when the phone lets nothing be kept. */
export function keepSeal(seal: string): boolean {
  ours = seal;
  const isKept = write(seal);
  inMemory = isKept ? null : seal;
  return isKept;
}

/** An access that is over: the phone is like any other from now on, unless it has a newer one. */
export function forgetSeal(): void {
  const known = inMemory ?? read();
  if (known === null || known === ours) keepSeal(decoy());
}

/** Asked before a code is used up for nothing. */
export function canKeep(): boolean {
  return keepSeal(sealOfPhone());
}

function write(seal: string): boolean {
  try {
    localStorage.setItem(KEY, seal);
    return localStorage.getItem(KEY) === seal;
  } catch {
    return false;
  }
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
