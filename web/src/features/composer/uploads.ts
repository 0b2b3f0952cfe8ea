import { useEffect, useState } from "preact/hooks";

import { api } from "../../api/calls";
import { isProblem } from "../../api/problem";
import type { Capabilities, UploadedAttachment } from "../../api/types";
import { t } from "../../i18n";
import { fileSize } from "../../i18n/dates";
import { say } from "../../ui/toast";
import { refusalOf } from "./limits";

export interface Upload {
  id: number;
  name: string;
  size: number;
  /** Null while it is on its way. */
  done: UploadedAttachment | null;
}

let lastId = 0;

/** Files added to the message that is being written; sent to the server at once, so that sending is quick. */
export function useUploads(dialogId: string, capabilities: Capabilities | undefined) {
  const [uploads, setUploads] = useState<readonly Upload[]>([]);
  useEffect(() => setUploads([]), [dialogId]);

  const remove = (id: number): void => setUploads((all) => all.filter((one) => one.id !== id));

  const add = async (file: File): Promise<void> => {
    if (capabilities === undefined) return;
    const refusal = refusalOf(file, capabilities);
    if (refusal !== null) {
      const limit = fileSize(capabilities.attachmentBytes);
      say(
        t(refusal === "kind" ? "composer.file-kind-refused" : "composer.file-too-big", {
          name: file.name,
          limit,
        }),
      );
      return;
    }
    const id = ++lastId;
    setUploads((all) => [...all, { id, name: file.name, size: file.size, done: null }]);
    try {
      const done = await api.upload(file);
      setUploads((all) => all.map((one) => (one.id === id ? { ...one, done } : one)));
    } catch (error) {
      remove(id);
      say(isProblem(error) ? error.message : t("composer.upload-failed", { name: file.name }));
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
