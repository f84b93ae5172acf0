/** What every field of a form shares: its props, its words, its errors. */
import type { ComponentChildren } from "preact";
import { Icon } from "../shared/icon";
import type { Errors } from "./check";
import type { Circumstances } from "./datos";
import { idOf, keyOf } from "./schema";
import type { Path, Schema, Values } from "./schema";
import { d } from "./texts";

/** What every field is given: the answers so far, what is wrong with them, and how to change one. */
export interface Asking {
  values: Values;
  errors: Errors;
  around: Circumstances;
  isSensible: boolean;
  change: (path: Path, value: unknown) => void;
}

export interface FieldProps { schema: Schema; path: Path; isRequired: boolean; ask: Asking }

export function Message({ path, errors }: { path: Path; errors: Errors }) {
  const text = errors[keyOf(path)];
  return text ? <p class="error-campo" id={`${idOf(path)}-error`}><Icon name="alert-triangle" /> {text}</p> : null;
}

export function Hint({ path, children }: { path: Path; children: ComponentChildren }) {
  return children ? <p class="ayuda" id={`${idOf(path)}-ayuda`}>{children}</p> : null;
}

export function described(path: Path, errors: Errors, hasWarnings = false): { "aria-invalid": boolean; "aria-describedby": string } {
  const id = idOf(path);
  const parts = [`${id}-ayuda`, `${id}-error`, ...(hasWarnings ? [`${id}-aviso`] : [])];
  return { "aria-invalid": errors[keyOf(path)] !== undefined, "aria-describedby": parts.join(" ") };
}

export function Optional({ isRequired }: { isRequired: boolean }) {
  return isRequired ? null : <span class="opcional"> {d.form.optional}</span>;
}
