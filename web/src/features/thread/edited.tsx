import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api } from "../../api/calls";
import type { Message, MessageVersion } from "../../api/types";
import { t } from "../../i18n";
import { fullTime, timeOfDay } from "../../i18n/dates";
import { inbox } from "../../realtime/store";
import { Attachment } from "./attachment";
import { useThreadZone } from "./zone";

interface EditedProps {
  message: Message;
  /** What the message said before is shown. */
  open: Signal<boolean>;
}

/** Says that a message was changed; pressed, it shows what the message said before. */
export function Edited({ message, open }: EditedProps) {
  const zone = useThreadZone();
  return (
    <button
      type="button"
      class="edited"
      aria-expanded={open.value}
      title={`${fullTime(message.editedAt ?? message.at, zone)}. ${t("message.versions")}`}
      onClick={() => {
        open.value = !open.value;
      }}
    >
      {t("message.edited")}
    </button>
  );
}

export function Versions({ message }: { message: Message }) {
  const zone = useThreadZone();
  const found = useSignal<MessageVersion[] | "failed" | null>(null);
  useEffect(() => {
    api.messageVersions(message.dialogId, message.id).then(
      ({ items }) => {
        found.value = items;
      },
      () => {
        found.value = "failed";
      },
    );
  }, [message.dialogId, message.id, found]);
  const channelKind = inbox.value.dialogs.get(message.dialogId)?.channel.kind;
  if (found.value === null) return null;
  if (found.value === "failed") return <p class="muted">{t("message.versions-unknown")}</p>;
  return (
    <ol class="versions">
      {found.value.map((version) => (
        <li key={version.id}>
          <time class="number muted" dateTime={version.writtenAt} title={fullTime(version.writtenAt, zone)}>
            {timeOfDay(version.writtenAt, zone)}
          </time>{" "}
          <span dir="auto">{version.text}</span>
          {version.attachments.map((attachment) => (
            <Attachment key={attachment.id} attachment={attachment} channelKind={channelKind} />
          ))}
        </li>
      ))}
    </ol>
  );
}
