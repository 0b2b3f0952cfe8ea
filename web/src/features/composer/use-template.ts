import { useEffect, useRef, useState } from "preact/hooks";

import { api } from "../../api/calls";
import { isProblem } from "../../api/problem";
import type { FilledTemplate, Template, TemplateList, UploadedAttachment } from "../../api/types";
import { locale, t } from "../../i18n";
import { refusalText, troubleText } from "../../i18n/refusal";
import { inbox } from "../../realtime/store";
import { headerFileRefusal, refusalWords } from "./template-file";
import { chosenOf, filledOf, isFilled, keyOf, rendered, type Values } from "./templates";
import type { Upload } from "./uploads";

/** A template that is ready to go. */
export interface Made {
  filled: FilledTemplate;
  /** What it reads as. */
  text: string;
  attachments: UploadedAttachment[];
}

export interface TemplateState {
  list: TemplateList | null;
  isAsking: boolean;
  problem: string | null;
  refresh: () => void;
  chosen: Template | null;
  choose: (key: string) => void;
  values: Values;
  fill: (key: string, text: string) => void;
  upload: Upload | null;
  uploadProblem: string | null;
  addFile: (file: File) => void;
  removeFile: () => void;
  /** Null while something is missing or wrong. */
  made: Made | null;
}

const NOTHING_FILLED = { of: null, values: {} as Values };

/** The templates of a channel, and one of them as it is being filled; null: no channel with templates is chosen. */
export function useTemplate(channelId: string | null, onChange: () => void = () => {}): TemplateState {
  const [list, setList] = useState<TemplateList | null>(null);
  const [isAsking, setAsking] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [key, setKey] = useState<string | null>(null);
  const [filled, setFilled] = useState<{ of: string | null; values: Values }>(NOTHING_FILLED);
  const file = useHeaderFile(onChange);
  const wanted = useRef(channelId);

  const load = async (anew: boolean): Promise<void> => {
    wanted.current = channelId;
    if (channelId === null) return;
    setAsking(true);
    try {
      const found = await api.templates(channelId, anew);
      if (wanted.current !== channelId) return;
      setList(found);
      // What was shown stays, even if it can no longer be sent.
      setKey((before) => before ?? firstKey(found));
      setProblem(null);
    } catch (error) {
      if (wanted.current !== channelId) return;
      setProblem(troubleText(error));
    } finally {
      if (wanted.current === channelId) setAsking(false);
    }
  };
  useEffect(() => {
    setList(null);
    setKey(null);
    setFilled(NOTHING_FILLED);
    setProblem(null);
  }, [channelId]);
  // The server tells something new of the channel when its provider told that a template changed, too.
  const version = channelId === null ? undefined : inbox.value.channels.get(channelId)?.seq;
  useEffect(() => {
    void load(false);
    return () => void (wanted.current = null);
  }, [channelId, version]);

  const chosen = list === null ? null : chosenOf(list.items, key, locale.value);
  const chosenKey = chosen === null ? null : keyOf(chosen);
  // Another one takes the place of one that is gone: what was written for that is not for this.
  const values = filled.of === chosenKey ? filled.values : NOTHING_FILLED.values;
  const attachments = file.upload?.done ? [file.upload.done] : [];
  const isReady =
    chosen !== null &&
    chosen.obstacle === null &&
    isFilled(chosen, values) &&
    (chosen.file === null || attachments.length === 1);
  return {
    list,
    isAsking,
    problem,
    refresh: () => void load(true),
    chosen,
    choose: (next) => {
      setKey(next);
      setFilled(NOTHING_FILLED);
      file.remove();
      onChange();
    },
    values,
    fill: (blank, text) => {
      setFilled(({ of, values: before }) => ({
        of: chosenKey,
        values: { ...(of === chosenKey ? before : {}), [blank]: text },
      }));
      onChange();
    },
    upload: file.upload,
    uploadProblem: file.problem,
    addFile: (added) => void file.add(added, chosen),
    removeFile: file.remove,
    made: isReady
      ? {
          filled: filledOf(chosen, values),
          text: rendered(chosen, values),
          attachments: chosen.file === null ? [] : attachments,
        }
      : null,
  };
}

function firstKey({ items }: TemplateList): string | null {
  const first = chosenOf(items, null, locale.peek());
  return first === null ? null : keyOf(first);
}

let lastId = 0;

/** The one file of a template's header: sent to the server at once, so that sending is quick. */
function useHeaderFile(onChange: () => void) {
  const [upload, setUpload] = useState<Upload | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const current = useRef<number | null>(null);

  const show = (next: Upload | null, sentence: string | null): void => {
    current.current = next?.id ?? null;
    setUpload(next);
    setProblem(sentence);
    onChange();
  };
  const add = async (file: File, template: Template | null): Promise<void> => {
    const rule = template?.file;
    if (!rule) return;
    if (file.size > rule.bytes) return show(null, refusalWords(file.name, rule));
    const id = ++lastId;
    show({ id, name: file.name, size: file.size, done: null }, null);
    try {
      const done = await api.upload(file);
      if (current.current !== id) return;
      // Only now is it known what it is: by its content, not by what the browser calls it.
      const refused = headerFileRefusal(done, rule);
      if (refused) show(null, refusalWords(file.name, rule));
      else show({ id, name: file.name, size: file.size, done }, null);
    } catch (error) {
      if (current.current !== id) return;
      show(null, isProblem(error) ? refusalText(error) : t("composer.upload-failed", { name: file.name }));
    }
  };
  return { upload, problem, add, remove: () => show(null, null) };
}
