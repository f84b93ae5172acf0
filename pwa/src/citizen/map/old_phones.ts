/** What MapLibre takes for granted and Chrome 80 to 92 lacks; the map and its worker load it first. */

function fill(target: object, name: string, value: unknown): void {
  if (!(name in target)) Object.defineProperty(target, name, { value, configurable: true, writable: true });
}

function at(this: ArrayLike<unknown>, index: number): unknown {
  const whole = Math.trunc(index) || 0;
  return this[whole < 0 ? this.length + whole : whole];
}

fill(Array.prototype, "at", at);
fill(Object.getPrototypeOf(Uint8Array.prototype) as object, "at", at);
fill(Object, "hasOwn", (owner: object, key: PropertyKey) => Object.prototype.hasOwnProperty.call(owner, key));
fill(String.prototype, "replaceAll", function (this: string, what: string | RegExp, by: string) {
  return typeof what === "string" ? this.split(what).join(by) : this.replace(what, by);
});
