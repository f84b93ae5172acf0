/** The page that checks a constancia: by the code in the address, typed, or in the PDF. */
import { useEffect, useState } from "preact/hooks";
import { Icon } from "../shared/icon";
import { FieldMessage, Notice, StepHeading } from "../shared/pieces";
import { check } from "./code";
import type { Checked, Papers, PublishedKey } from "./code";
import { SignedContent } from "./content";
import { CannotUnpack, papersIn } from "./pdf";
import { c } from "./texts";
import { momentWords } from "./when";

interface Result extends Checked { papers: Papers | undefined }

export function CheckPage() {
  const [typed, setTyped] = useState("");
  const [result, setResult] = useState<Result | null>(null);
  const [said, say] = useState<{ code?: string; file?: string; whole?: string }>({});
  const [isBusy, setBusy] = useState(false);

  async function look(code: string, papers?: Papers): Promise<void> {
    setBusy(true);
    say({});
    try {
      const found = await check(code, await publishedKeys(), papers);
      if (found.verdict === "unreadable") {
        setTyped(code);
        say({ code: c.verdicts.unreadable });
        document.getElementById("codigo")?.focus();
      } else setResult({ ...found, papers });
    } catch {
      say({ whole: c.noKeys });
    } finally {
      setBusy(false);
    }
  }

  async function open(file: File | undefined): Promise<void> {
    if (!file) return;
    try {
      const papers = await papersIn(await file.arrayBuffer());
      if (papers) await look(papers.codigo, papers);
      else say({ file: c.noFile });
    } catch (error) {
      if (!(error instanceof CannotUnpack)) throw error;
      say({ file: c.oldBrowser });
    }
  }

  useEffect(() => {
    const readAddress = () => {
      const code = location.hash.slice(1);
      if (!code) return;
      // The number stands in the code: it does not stay in the address, nor in the list of visits.
      history.replaceState(null, "", location.pathname);
      setResult(null);
      void look(code);
    };
    readAddress();
    window.addEventListener("hashchange", readAddress);
    return () => window.removeEventListener("hashchange", readAddress);
  }, []);

  if (result) return <Answer result={result} onLeave={() => { setResult(null); setTyped(""); }} />;
  return (
    <>
      <StepHeading title={c.title}>{c.title}</StepHeading>
      <form class="bloque" noValidate onSubmit={(event) => { event.preventDefault(); void look(typed); }}>
        <div class="campo">
          <label for="codigo">{c.code}</label>
          <textarea id="codigo" class="codigo" rows={5} autocomplete="off" autocapitalize="characters" spellcheck={false}
            value={typed} aria-invalid={Boolean(said.code)} aria-describedby="error-codigo ayuda-codigo"
            onInput={(event) => setTyped(event.currentTarget.value)} />
          <p class="ayuda" id="ayuda-codigo">{c.codeHint}</p>
          <FieldMessage id="error-codigo" text={said.code} />
        </div>
        {said.whole && <Notice tone="error" icon="alert-triangle" live>{said.whole}</Notice>}
        <button type="submit" class="boton principal" disabled={isBusy}>
          <Icon name="search" /> {isBusy ? c.checking : c.check}
        </button>
      </form>
      <div class="bloque">
        <div class="campo">
          <label for="archivo">{c.file}</label>
          <input id="archivo" type="file" accept="application/pdf,.pdf" aria-describedby="error-archivo ayuda-archivo"
            onChange={(event) => { void open(event.currentTarget.files?.[0]); event.currentTarget.value = ""; }} />
          <p class="ayuda" id="ayuda-archivo">{c.fileHint}</p>
          <FieldMessage id="error-archivo" text={said.file} />
        </div>
      </div>
    </>
  );
}

function Answer({ result, onLeave }: { result: Result; onLeave: () => void }) {
  const isGood = result.verdict === "good";
  const title = isGood ? c.yes : result.verdict === "unknown_key" ? c.no : c.notGood;
  return (
    <>
      <StepHeading title={title}>{title}</StepHeading>
      <Notice tone={isGood ? "bien" : "error"} icon={isGood ? "shield-check" : "alert-triangle"} live>
        {c.verdicts[result.verdict]}
      </Notice>
      {isGood && result.code && (
        <section class="bloque">
          <dl class="datos">
            <div><dt>{c.number}</dt><dd class="codigo"><strong>{result.code.numero}</strong></dd></div>
            <div><dt>{c.signed}</dt><dd><strong>{momentWords(result.code.issuedAt.toISOString())}</strong> {c.lima}</dd></div>
          </dl>
          <p class="ayuda">{c.compare}</p>
        </section>
      )}
      {isGood && result.papers && <SignedContent content={result.papers.contenido} />}
      <p><button type="button" class="boton segundo" onClick={onLeave}><Icon name="refresh" /> {c.again}</button></p>
    </>
  );
}

async function publishedKeys(): Promise<PublishedKey[]> {
  const answer = await fetch("/constancia/llaves.json", { credentials: "omit" });
  if (!answer.ok) throw new Error(String(answer.status));
  return ((await answer.json()) as { llaves: PublishedKey[] }).llaves;
}
