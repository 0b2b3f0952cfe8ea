import { useId, useState } from "preact/hooks";

import type { Blank, Template } from "../../api/types";
import { locale, t } from "../../i18n";
import { Button, IconButton } from "../../ui/button";
import { TemplateFile } from "./template-file";
import { TemplatePreview } from "./template-preview";
import { blankLabel, languageName, obstacleText, obstacleWord, wrongText } from "./template-words";
import { addressOf, asked, chosenOf, keyOf, matching, wrongWith } from "./templates";
import type { TemplateState } from "./use-template";

/** With so many templates they can be searched. */
const MANY = 12;

/** Choose a template of the channel, fill its blanks, see what the customer will read.  Part of a form. */
export function TemplateFields({ state }: { state: TemplateState }) {
  const { list, problem, isAsking, chosen } = state;
  if (list === null) {
    if (problem === null) return <p role="status">{t("template.loading")}</p>;
    return (
      <div role="alert" class="start-form">
        <p class="setting-error">{problem}</p>
        <Button onClick={state.refresh} disabled={isAsking}>
          {t("retry")}
        </Button>
      </div>
    );
  }
  return (
    <>
      {chosen === null ? (
        <div class="template-which">
          <p class="muted">{t("template.none")}</p>
          <Refresh state={state} />
        </div>
      ) : (
        <Which state={state} chosen={chosen} />
      )}
      {problem !== null && (
        <p class="setting-error" role="alert">
          {problem}
        </p>
      )}
      {chosen !== null && chosen.obstacle === null && (
        <Blanks key={keyOf(chosen)} state={state} of={chosen} />
      )}
      {chosen !== null && <TemplatePreview template={chosen} values={state.values} upload={state.upload} />}
    </>
  );
}

function Refresh({ state }: { state: TemplateState }) {
  return (
    <IconButton
      icon="retry"
      label={t(state.isAsking ? "template.loading" : "template.refresh")}
      aria-disabled={state.isAsking}
      onClick={() => {
        if (!state.isAsking) state.refresh();
      }}
    />
  );
}

function Which({ state, chosen }: { state: TemplateState; chosen: Template }) {
  const id = useId();
  const [words, setWords] = useState("");
  const all = state.list?.items ?? [];
  const found = matching(all, words);
  const shown = found.includes(chosen) ? found : [chosen, ...found];
  const why = obstacleText(chosen);
  return (
    <div class="field setting">
      {all.length > MANY && (
        <input
          class="input"
          type="search"
          autocomplete="off"
          aria-label={t("template.search")}
          placeholder={t("template.search")}
          value={words}
          onInput={(event) => setWords(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter") return;
            // Whoever searches is not done yet: the form is not sent.
            event.preventDefault();
            const first = chosenOf(found, null, locale.value);
            if (first !== null) state.choose(keyOf(first));
          }}
        />
      )}
      <label for={`${id}-template`}>{t("template.which")}</label>
      <div class="template-which">
        <select
          id={`${id}-template`}
          class="input"
          value={keyOf(chosen)}
          aria-describedby={`${id}-about`}
          onChange={(event) => state.choose(event.currentTarget.value)}
        >
          <Group label={t("template.can")} templates={shown.filter((one) => one.obstacle === null)} />
          <Group label={t("template.cannot")} templates={shown.filter((one) => one.obstacle !== null)} />
        </select>
        <Refresh state={state} />
      </div>
      <p id={`${id}-about`} class={why === null ? "muted template-about" : "setting-error"} role="status">
        {why ?? aboutText(chosen)}
      </p>
      {words !== "" && (
        <p class="muted" role="status">
          {t("template.found", { n: found.length })}
        </p>
      )}
      {state.list?.complete === false && <p class="muted">{t("template.incomplete", { n: all.length })}</p>}
    </div>
  );
}

function Group({ label, templates }: { label: string; templates: readonly Template[] }) {
  if (templates.length === 0) return null;
  return (
    <optgroup label={label}>
      {templates.map((one) => {
        const word = obstacleWord(one);
        return (
          <option key={keyOf(one)} value={keyOf(one)} class={word === null ? undefined : "template-off"}>
            {`${one.name} (${one.language})${word === null ? "" : ` – ${word}`}`}
          </option>
        );
      })}
    </optgroup>
  );
}

function aboutText({ language, marketing, quality }: Template): string {
  const parts = [languageName(language)];
  if (marketing) parts.push(t("template.marketing"));
  if (quality === "low" || quality === "medium") parts.push(t(`template.quality-${quality}`));
  return parts.join(" · ");
}

function Blanks({ state, of }: { state: TemplateState; of: Template }) {
  return (
    <>
      {of.file !== null && (
        <TemplateFile
          rule={of.file}
          upload={state.upload}
          problem={state.uploadProblem}
          onFile={state.addFile}
          onRemove={state.removeFile}
        />
      )}
      {asked(of).map((blank) => (
        <BlankField
          key={blank.key}
          blank={blank}
          template={of}
          text={state.values[blank.key] ?? ""}
          onText={(text) => state.fill(blank.key, text)}
        />
      ))}
    </>
  );
}

interface BlankFieldProps {
  blank: Blank;
  template: Template;
  text: string;
  onText: (text: string) => void;
}

function BlankField({ blank, template, text, onText }: BlankFieldProps) {
  const id = useId();
  const [wasLeft, setLeft] = useState(false);
  const wrong = wrongWith(blank, text);
  // Nobody is told that a field is empty before they had a chance to fill it.
  const isTold = wrong !== null && (wasLeft || (wrong !== "empty" && text !== ""));
  const isPlace = blank.kind === "latitude" || blank.kind === "longitude";
  return (
    <div class="field setting">
      <label for={id}>{blankLabel(blank, template)}</label>
      <input
        id={id}
        class="input"
        type="text"
        inputMode={isPlace ? "decimal" : undefined}
        autocomplete="off"
        required={blank.required}
        value={text}
        aria-invalid={isTold}
        aria-describedby={`${id}-about`}
        onInput={(event) => onText(event.currentTarget.value)}
        onBlur={() => setLeft(true)}
      />
      <p id={`${id}-about`} class={isTold ? "setting-error" : "muted template-about"}>
        {isTold ? wrongText(wrong, blank) : hintOf(blank, template, text)}
      </p>
    </div>
  );
}

/** The whole address where only its end is typed, else the example that the template's author gave. */
function hintOf({ key, kind, example }: Blank, template: Template, text: string): string {
  const button = template.buttons[Number(key.slice("button.".length))];
  if (kind === "suffix" && button !== undefined) return addressOf(button.target, text || example || "…");
  return example === "" ? "" : t("template.example", { text: example });
}
