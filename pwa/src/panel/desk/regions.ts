/** Puts fresh parts of the desk in the place of the old ones, keeping focus, scroll and what is open. */

export function refreshRegions(fresh: ParentNode): void {
  for (const region of fresh.querySelectorAll<HTMLElement>("[data-region]")) {
    const old = document.querySelector<HTMLElement>(`[data-region="${region.dataset["region"]}"]`);
    if (!old) continue;
    if (region.matches("ol")) reconcile(old, region);
    else if (plain(old) !== plain(region)) keepingFocus(() => replace(old, region));
  }
}

/** Children with the same id and content stay the same nodes: nothing flickers, focus stays. */
function reconcile(old: HTMLElement, fresh: HTMLElement): void {
  const known = new Map([...old.children].map((child) => [child.id, child]));
  keepingFocus(() => {
    const wanted = [...fresh.children].map((child) => {
      const same = known.get(child.id);
      return same && plain(same) === plain(child) ? same : child;
    });
    const kept = new Set<Element>(wanted);
    for (const child of [...old.children]) if (!kept.has(child)) child.remove();
    wanted.forEach((child, place) => {
      if (old.children[place] !== child) old.insertBefore(child, old.children[place] ?? null);
    });
  });
}

function replace(old: HTMLElement, fresh: HTMLElement): void {
  const open = new Set([...old.querySelectorAll("details[open]")].map((one) => one.id));
  old.replaceChildren(...fresh.childNodes);
  for (const one of old.querySelectorAll("details")) if (open.has(one.id)) one.open = true;
}

function keepingFocus(change: () => void): void {
  const id = document.activeElement?.id;
  change();
  if (id && document.activeElement?.id !== id) document.getElementById(id)?.focus({ preventScroll: true });
}

/** As it came from the server: without what the countdown wrote into it. */
function plain(one: Element): string {
  const copy = one.cloneNode(true) as Element;
  for (const place of copy.querySelectorAll("[data-deadline]")) place.textContent = "";
  for (const place of copy.querySelectorAll(".plazo-vencido")) place.classList.remove("plazo-vencido");
  for (const place of copy.querySelectorAll("details")) place.removeAttribute("open");
  return copy.outerHTML;
}
