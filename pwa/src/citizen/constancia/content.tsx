/** What was signed, in the words of the sheet. */
import type { ComponentChildren } from "preact";
import type { Json } from "./code";
import { c } from "./texts";
import { momentWords } from "./when";

interface Good { clase?: string; detalles?: { campo?: string; valor?: string }[] }
interface Persons { papel: string; cuantas: number }
/** Signed by Yo Alerto, so its shape is known; an older shape shows what it has. */
interface Content {
  asunto?: string;
  recibido_en?: string;
  unidad?: string;
  distrito?: string | null;
  ocurrio?: { desde?: string | null; hasta?: string | null };
  personas?: Persons[];
  relato?: string;
  bienes?: Good[];
  fotos?: string[];
}

export function SignedContent({ content }: { content: { [name: string]: Json } }) {
  const said = content as unknown as Content;
  return (
    <section class="bloque">
      <p><strong>{c.contentToo}</strong></p>
      <dl class="datos">
        <Line name={c.said.asunto}>{said.asunto}</Line>
        <Line name={c.said.recibido_en}>{moment(said.recibido_en)}</Line>
        <Line name={c.said.unidad}>{said.unidad}</Line>
        <Line name={c.said.distrito}>{said.distrito}</Line>
        <Line name={c.said.desde}>{moment(said.ocurrio?.desde)}</Line>
        <Line name={c.said.hasta}>{moment(said.ocurrio?.hasta)}</Line>
        <Line name={c.said.personas}>{said.personas?.map(personWords).join(" · ")}</Line>
        <Line name={c.said.relato}>{said.relato && <span class="texto-libre">{said.relato}</span>}</Line>
        <Line name={c.said.bienes}>{said.bienes?.map((one, index) => <span key={index}>{goodWords(one)}<br /></span>)}</Line>
        <Line name={c.said.fotos}>{said.fotos?.map((one) => <span key={one} class="huella">{one}<br /></span>)}</Line>
      </dl>
    </section>
  );
}

function Line({ name, children }: { name: string; children: ComponentChildren }) {
  if (!children || (Array.isArray(children) && !children.length)) return null;
  return <div><dt>{name}</dt><dd>{children}</dd></div>;
}

function moment(iso: string | null | undefined): string {
  return iso ? momentWords(iso) : "";
}

function personWords({ papel, cuantas }: Persons): string {
  const [one, several] = c.roles[papel] ?? [papel, papel];
  return `${cuantas} ${cuantas === 1 ? one : several}`;
}

function goodWords(one: Good): string {
  const details = one.detalles?.map(({ campo, valor }) => `${campo}: ${valor}`).join(", ");
  return [one.clase, details].filter(Boolean).join(" — ");
}
