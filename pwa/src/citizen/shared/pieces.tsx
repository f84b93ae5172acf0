/** Small parts of every screen: notices, phone links, page titles, fields with their error. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "./icon";
import type { FieldError } from "./api";
import { t } from "./texts";

type Tone = "calma" | "aviso" | "error" | "bien";

export function Notice({ tone, icon, children, live }: {
  tone: Tone; icon?: string; children: ComponentChildren; live?: boolean;
}) {
  return (
    <div class={`nota nota-${tone}`} role={live ? (tone === "error" ? "alert" : "status") : undefined}>
      {icon && <Icon name={icon} />}
      <div>{children}</div>
    </div>
  );
}

export function Tel({ number, children }: { number: string; children?: ComponentChildren }) {
  return <a class={children ? "tel" : "tel tel-corto"} href={`tel:${number.replace(/[^\d+*#]/g, "")}`}>{children ?? number}</a>;
}

let isFirstHeading = true;

/** The heading of a step takes the focus, so that a screen reader and the keyboard start there. */
export function StepHeading({ title, children }: { title: string; children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = t.title(title);
    // On arrival the focus belongs to the page, with its skip link.
    const isArrival = isFirstHeading;
    isFirstHeading = false;
    if (isArrival) return;
    window.scrollTo(0, 0);
    heading.current?.focus({ preventScroll: true });
  }, [title]);
  return <h1 ref={heading} tabIndex={-1}>{children}</h1>;
}

export function FieldMessage({ id, text }: { id: string; text: string | undefined }) {
  return text ? <p class="error-campo" id={id} role="alert"><Icon name="alert-triangle" /> {text}</p> : null;
}

/** The message for `campo`, also when the server names it datos.campo or lugar.campo. */
export function messageFor(fields: readonly FieldError[], ...names: string[]): string | undefined {
  return fields.find(({ campo }) => names.some((name) => campo === name || campo.endsWith(`.${name}`)))?.mensaje;
}
