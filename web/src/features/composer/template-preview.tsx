import { API } from "../../api/client";
import type { Template } from "../../api/types";
import { t } from "../../i18n";
import { Icon } from "../../ui/icons";
import { type Piece, pieces, type Values } from "./templates";
import type { Upload } from "./uploads";

interface TemplatePreviewProps {
  template: Template;
  values: Values;
  upload: Upload | null;
}

/** What the customer will read, with what is filled in so far. */
export function TemplatePreview({ template, values, upload }: TemplatePreviewProps) {
  return (
    <section class="field" aria-label={t("template.preview")}>
      <span class="muted">{t("template.preview")}</span>
      <div class="template-preview" dir="auto" data-testid="template-preview">
        {template.file !== null && <HeaderFile kind={template.file.kind} upload={upload} />}
        {template.place && <HeaderPlace values={values} />}
        {template.header !== "" && (
          <p class="template-header">
            <Words pieces={pieces("header", template.header, values)} />
          </p>
        )}
        <p>
          <Words pieces={pieces("body", template.body, values)} />
        </p>
        {template.footer !== "" && <p class="muted template-footer">{template.footer}</p>}
        {template.buttons.length > 0 && (
          <ul class="template-buttons" aria-label={t("template.buttons")}>
            {template.buttons.map(({ kind, title }, index) => (
              <li key={`${kind} ${title}`} class="template-button">
                {title === "" && kind === "code" ? t("template.copy-code") : title}
                {kind === "code" && (values[`button.${index}`] ?? "") !== "" && (
                  <span class="muted">{values[`button.${index}`]}</span>
                )}
              </li>
            ))}
          </ul>
        )}
      </div>
    </section>
  );
}

function Words({ pieces: parts }: { pieces: Piece[] }) {
  return (
    <>
      {parts.map(({ at, text, isBlank }) =>
        isBlank ? (
          <mark key={at} class="template-blank">
            {text}
          </mark>
        ) : (
          text
        ),
      )}
    </>
  );
}

function HeaderFile({ kind, upload }: { kind: string; upload: Upload | null }) {
  if (kind === "image" && upload?.done) {
    const { id, width = null } = upload.done;
    return (
      <img
        class="template-picture"
        src={`${API}/attachments/${id}${width === null ? "" : "/thumbnail"}`}
        alt={upload.name}
      />
    );
  }
  return (
    <p class="template-media muted">
      <Icon name={kind === "image" ? "image" : "file"} size={16} />
      <span class="one-line">{upload?.name ?? t("template.file-missing")}</span>
    </p>
  );
}

function HeaderPlace({ values }: { values: Values }) {
  const words = [values["place.name"], values["place.address"]].filter((text) => (text ?? "").trim() !== "");
  return (
    <p class="template-media muted">
      <Icon name="pin" size={16} />
      <span>{words.length === 0 ? t("template.place-missing") : words.join(", ")}</span>
    </p>
  );
}
