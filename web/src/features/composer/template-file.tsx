import { useId, useRef } from "preact/hooks";

import type { FileRule } from "../../api/types";
import { t } from "../../i18n";
import { fileSize } from "../../i18n/dates";
import { Button } from "../../ui/button";
import type { FileLike } from "./files";
import { UploadTray } from "./upload-tray";
import type { Upload } from "./uploads";

/** Whether a template does not take this file above its text. */
export function headerFileRefusal(file: FileLike, rule: FileRule): boolean {
  return file.kind !== rule.kind || !rule.types.includes(file.mime) || file.size > rule.bytes;
}

export function refusalWords(name: string, rule: FileRule): string {
  return t("template.file-refused", { name, wanted: wantedWords(rule) });
}

/** “JPEG or PNG, up to 5 MB”. */
function wantedWords({ types, bytes }: FileRule): string {
  const names = types.map((type) => (type.split("/")[1] ?? type).toUpperCase());
  return t("template.file-wanted", { types: names.join(", "), limit: fileSize(bytes) });
}

interface TemplateFileProps {
  rule: FileRule;
  upload: Upload | null;
  problem: string | null;
  onFile: (file: File) => void;
  onRemove: () => void;
}

/** The picture, video or document above a template's text. */
export function TemplateFile({ rule, upload, problem, onFile, onRemove }: TemplateFileProps) {
  const id = useId();
  const picker = useRef<HTMLInputElement>(null);
  const label =
    rule.kind === "image" ? "template.image" : rule.kind === "video" ? "template.video" : "template.document";
  return (
    <div class="field setting" role="group" aria-labelledby={`${id}-label`}>
      <span id={`${id}-label`} class="template-label">
        {t(label)}
      </span>
      <UploadTray uploads={upload === null ? [] : [upload]} onRemove={onRemove} />
      <div>
        <Button
          icon={rule.kind === "image" ? "image" : "file"}
          aria-describedby={`${id}-about`}
          onClick={() => picker.current?.click()}
        >
          {t(upload === null ? "template.choose-file" : "template.other-file")}
        </Button>
        <input
          ref={picker}
          type="file"
          hidden
          accept={rule.types.join(",")}
          data-testid="template-file"
          onChange={(event) => {
            const [file] = event.currentTarget.files ?? [];
            if (file !== undefined) onFile(file);
            event.currentTarget.value = "";
          }}
        />
      </div>
      <p id={`${id}-about`} class={problem === null ? "muted" : "setting-error"} role="status">
        {problem ?? wantedWords(rule)}
      </p>
    </div>
  );
}
