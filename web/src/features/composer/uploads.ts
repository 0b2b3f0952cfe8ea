import { useEffect, useState } from "preact/hooks";

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

let lastId = 0;

function refuse(name: string, { limit }: FileMisfit): void {
  if (limit === null) say(t("composer.file-kind-refused", { name }));
  else say(t("composer.file-too-big", { name, limit: fileSize(limit) }));
}

/** Files added to the message that is being written; sent to the server at once, so that sending is quick. */
export function useUploads(dialogId: string, capabilities: Capabilities | undefined) {
  const [uploads, setUploads] = useState<readonly Upload[]>([]);
  useEffect(() => setUploads([]), [dialogId]);

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
    clear: () => setUploads([]),
    ready: uploads.every((one) => one.done !== null),
  };
}
