import { useState } from "preact/hooks";

import { API } from "../../api/client";
import { t } from "../../i18n";
import { fileSize } from "../../i18n/dates";
import { IconButton } from "../../ui/button";
import { Icon } from "../../ui/icons";
import type { Upload } from "./uploads";

interface UploadTrayProps {
  uploads: readonly Upload[];
  onRemove: (id: number) => void;
}

/** What will be sent with the text. */
export function UploadTray({ uploads, onRemove }: UploadTrayProps) {
  if (uploads.length === 0) return null;
  return (
    <ul class="uploads" aria-label={t("composer.attachments")}>
      {uploads.map((upload) => (
        <li key={upload.id} class="upload">
          <Thumbnail upload={upload} />
          <span class="file-name">
            <span class="one-line">{upload.name}</span>
            <span class="muted number">
              {upload.done === null ? t("composer.uploading") : fileSize(upload.size)}
            </span>
          </span>
          <IconButton
            icon="close"
            label={t("composer.remove", { name: upload.name })}
            onClick={() => onRemove(upload.id)}
          />
        </li>
      ))}
    </ul>
  );
}

function Thumbnail({ upload }: { upload: Upload }) {
  const [broken, setBroken] = useState(false);
  if (upload.done?.kind !== "image" || broken) return <Icon name={upload.done === null ? "clock" : "file"} />;
  const { id, width = null } = upload.done;
  const address = `${API}/attachments/${id}${width === null ? "" : "/thumbnail"}`;
  return <img src={address} alt="" onError={() => setBroken(true)} />;
}
