import { useRef, useState } from "preact/hooks";

import { api } from "../../api/calls";
import { ApiProblem } from "../../api/problem";
import type { Channel, ChannelKind, CheckAnswer } from "../../api/types";
import { t } from "../../i18n";
import { refusalText, troubleText } from "../../i18n/refusal";
import { firstValues, missingKeys, settingsFrom, type Values } from "./values";
import { fieldErrorText, problemText } from "./words";

export type FieldErrors = Readonly<Record<string, string>>;
/** What the last check or saving ended with, above the buttons. */
export interface Outcome {
  tone: "good" | "bad" | "plain";
  lines: string[];
  /** What could not be checked. */
  unchecked?: string[];
  /** What a message will look like. */
  preview?: string | null;
}

/** The values of one channel's form and what is wrong with them.  ``channel`` is the one that is edited. */
export function useChannelForm(spec: ChannelKind, channel: Channel | null, firstName: string) {
  const editing = channel !== null;
  const [name, setName] = useState(firstName);
  const [values, setValues] = useState<Values>(() => firstValues(spec.fields, editing));
  const [errors, setErrors] = useState<FieldErrors>({});
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [busy, setBusy] = useState<"check" | "save" | "test" | null>(null);
  const form = useRef<HTMLFormElement>(null);

  const show = (found: FieldErrors, shown: Outcome | null): void => {
    setErrors(found);
    setOutcome(shown);
    const first = Object.keys(found)[0];
    if (first === undefined) return;
    requestAnimationFrame(() => {
      const field = form.current?.querySelector<HTMLElement>(`[name="${CSS.escape(first)}"]`);
      field?.closest("details")?.setAttribute("open", "");
      field?.focus();
    });
  };

  const checked = (answer: CheckAnswer): void => {
    const found: Record<string, string> = {};
    const lines: string[] = [];
    for (const problem of answer.problems) {
      const text = problemText(spec, problem);
      if (problem.key !== null && spec.fields.some((field) => field.key === problem.key))
        found[problem.key] = text;
      else lines.push(text);
    }
    if (!answer.checked) return show({}, { tone: "plain", lines: [t("channels.not-checked")] });
    const account = answer.account?.name ?? "";
    const unchecked = answer.unchecked.map((one) => problemText(spec, one));
    const more = { unchecked, preview: answer.preview };
    if (answer.ok) {
      const text = unchecked.length > 0 ? t("channels.works-so-far") : t("channels.works", { name: account });
      return show({}, { tone: "good", lines: [text], ...more });
    }
    if (Object.keys(found).length > 0) lines.unshift(t("channels.fix-first"));
    if (answer.account !== null) lines.unshift(t("channels.account", { name: account }));
    show(found, { tone: "bad", lines, ...more });
  };

  const failed = (error: unknown): void => {
    if (!(error instanceof ApiProblem)) {
      return show({}, { tone: "bad", lines: [troubleText(error)] });
    }
    const found = Object.fromEntries(
      error.errors.map((each) => [each.field.replace(/^settings\./, ""), fieldErrorText(each)]),
    );
    const known = Object.keys(found).some(
      (key) => key === "name" || spec.fields.some((each) => each.key === key),
    );
    show(found, { tone: "bad", lines: [known ? t("channels.fix-first") : refusalText(error)] });
  };

  /** Whether something that is needed is missing; says so beside the fields. */
  const lacks = (withName: boolean): boolean => {
    const missing = editing ? [] : missingKeys(spec.fields, values);
    const all = withName && name.trim() === "" ? ["name", ...missing] : missing;
    if (all.length === 0) return false;
    const found = Object.fromEntries(all.map((key) => [key, t("channels.required")]));
    show(found, { tone: "bad", lines: [t("channels.fix-first")] });
    return true;
  };

  const run = async (what: "check" | "save" | "test", work: () => Promise<void>): Promise<void> => {
    if (busy !== null || lacks(what === "save")) return;
    setBusy(what);
    show({}, null);
    try {
      await work();
    } catch (error) {
      failed(error);
    } finally {
      setBusy(null);
    }
  };

  return {
    form,
    editing,
    name,
    setName,
    values,
    errors,
    outcome,
    setOutcome,
    busy,
    change: (key: string, value: string) => setValues((before) => ({ ...before, [key]: value })),
    clear: () => setValues(firstValues(spec.fields, editing)),
    settings: () => settingsFrom(spec.fields, values, editing),
    check: () =>
      run("check", async () => {
        const settings = settingsFrom(spec.fields, values, editing);
        checked(await api.checkChannel(spec, settings, channel?.id ?? null));
      }),
    sendTest: (number: string) =>
      run("test", async () => {
        const settings = settingsFrom(spec.fields, values, editing);
        const { problem } = await api.sendTestMessage(spec, settings, channel?.id ?? null, number);
        if (problem === null) return show({}, { tone: "good", lines: [t("channels.test-sent")] });
        show({}, { tone: "bad", lines: [t("channels.test-failed"), problemText(spec, problem)] });
      }),
    save: (work: () => Promise<void>) => run("save", work),
  };
}

export type ChannelFormState = ReturnType<typeof useChannelForm>;
