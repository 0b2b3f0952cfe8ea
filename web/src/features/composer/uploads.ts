import { signal } from "@preact/signals";

import { api } from "../../api/calls";
import { isProblem } from "../../api/problem";
import type { Capabilities, UploadedAttachment } from "../../api/types";
import { t } from "../../i18n";
import { refusalText } from "../../i18n/refusal";
import { fileSize } from "../../i18n/dates";
import { say } from "../../ui/toast";
import { type FileMisfit, largestOf, refusalOf } from "./files";

export interface Upload {
  id: number;
  name: string;
  size: number;
  /** Null while it is on its way. */
  done: UploadedAttachment | null;
}

type Tray = readonly Upload[];

/** By agent and dialog: like a draft they are there again when the agent comes back to the dialog. */
const trays = signal<ReadonlyMap<string, Tray>>(new Map());
let lastId = 0;

function change(key: string, by: (tray: Tray) => Tray): void {
  trays.value = new Map(trays.peek()).set(key, by(trays.peek().get(key) ?? []));
}

/** What is to be written again is to be sent with the same files. */
export function bringBack(agentId: string, dialogId: string, files: readonly UploadedAttachment[]): void {
  const again = files.map((done) => ({ id: ++lastId, name: done.name, size: done.size, done }));
  change(`${agentId} ${dialogId}`, (tray) => [...again, ...tray]);
}

function refuse(name: string, { limit }: FileMisfit): void {
  if (limit === null) say(t("composer.file-kind-refused", { name }));
  else say(t("composer.file-too-big", { name, limit: fileSize(limit) }));
}

/** Files added to the message that is being written; sent to the server at once, so that sending is quick. */
export function uploadsFor(agentId: string, dialogId: string, capabilities: Capabilities | undefined) {
  const key = `${agentId} ${dialogId}`;
  const uploads = trays.value.get(key) ?? [];
  const setUploads = (by: (tray: Tray) => Tray): void => change(key, by);

  const remove = (id: number): void => setUploads((all) => all.filter((one) => one.id !== id));

  const add = async (file: File): Promise<void> => {
    if (capabilities === undefined) return;
    const largest = largestOf(capabilities);
    if (file.size > largest) return refuse(file.name, { limit: largest });
    const id = ++lastId;
    setUploads((all) => [...all, { id, name: file.name, size: file.size, done: null }]);
    try {
      const done = await api.upload(file);
      // Only now is it known what it is: by its content, not by what the browser calls it.
      const refusal = refusalOf(done, capabilities);
      if (refusal !== null) {
        remove(id);
        return refuse(file.name, refusal);
      }
      setUploads((all) => all.map((one) => (one.id === id ? { ...one, done } : one)));
    } catch (error) {
      remove(id);
      say(isProblem(error) ? refusalText(error) : t("composer.upload-failed", { name: file.name }));
    }
  };

  return {
    uploads,
    add: (files: Iterable<File>) => {
      for (const file of files) void add(file);
    },
    remove,
    clear: () => setUploads(() => []),
    ready: uploads.every((one) => one.done !== null),
  };
}
