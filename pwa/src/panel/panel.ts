/** What every page of the panel needs: htmx under our policy, the CSRF token, menu and print. */
import htmx from "htmx.org";

// The policy forbids eval and inline styles; htmx must not try.
htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.attributesToSettle = ["class", "width", "height"]; // and no style, as a field made taller has
htmx.config.selfRequestsOnly = true;
htmx.config.historyCacheSize = 0; // a shared computer must not keep cases in its storage
// A refusal comes as a fragment that explains it: show it where the answer would have gone.
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "[23]..", swap: true },
  { code: "[45]..", swap: true, error: true },
];

function csrfToken(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}

document.addEventListener("htmx:configRequest", (event) => {
  const detail = (event as CustomEvent<{ headers: Record<string, string> }>).detail;
  detail.headers["X-CSRFToken"] = csrfToken();
});

function setUpMenu(): void {
  const button = document.getElementById("menu-button");
  const menu = document.getElementById("menu");
  if (!button || !menu) return;
  document.documentElement.classList.add("has-script");
  button.addEventListener("click", () => {
    const open = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(open));
    menu.classList.toggle("open", open);
  });
}

function setUpPrint(): void {
  for (const button of document.querySelectorAll("[data-print]")) {
    button.addEventListener("click", () => window.print());
  }
}

/** Forms with a question ask it before they are sent. */
function setUpConfirm(): void {
  document.addEventListener("submit", (event) => {
    const question = (event.target as HTMLFormElement).dataset.confirm;
    if (question && !window.confirm(question)) event.preventDefault();
  });
}

/** A download leaves its page as it was: what may be fetched once says that it has been. */
function setUpOnce(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-once]")) {
    form.addEventListener("submit", () => setTimeout(() => {
      const button = form.querySelector("button");
      if (button) Object.assign(button, { disabled: true, textContent: form.dataset["once"] });
    }));
  }
}

setUpMenu();
setUpPrint();
setUpConfirm();
setUpOnce();
