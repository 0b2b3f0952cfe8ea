import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api } from "../../api/calls";
import type { Message, MessageVersion } from "../../api/types";
import { t } from "../../i18n";
import { fullTime, timeOfDay } from "../../i18n/dates";
import { useThreadZone } from "./zone";

/** Says that a message was changed; pressed, it shows what the message said before. */
export function Edited({ message }: { message: Message }) {
  const zone = useThreadZone();
  const open = useSignal(false);
  const editedAt = message.editedAt ?? message.at;
  return (
    <>
      <button
        type="button"
        class="bubble-footer edited"
        aria-expanded={open.value}
        title={`${fullTime(editedAt, zone)}. ${t("message.versions")}`}
        onClick={() => {
          open.value = !open.value;
        }}
      >
        {t("message.edited")}
      </button>
      {/* Anew for each edit: what was loaded before is not the whole any more. */}
      {open.value && <Versions key={editedAt} message={message} />}
    </>
  );
}

function Versions({ message }: { message: Message }) {
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
  if (found.value === null) return null;
  if (found.value === "failed") return <p class="muted">{t("message.versions-unknown")}</p>;
  return (
    <ol class="versions">
      {found.value.map((version) => (
        <li key={version.writtenAt}>
          <time class="number muted" dateTime={version.writtenAt} title={fullTime(version.writtenAt, zone)}>
            {timeOfDay(version.writtenAt, zone)}
          </time>{" "}
          <span dir="auto">{version.text}</span>
        </li>
      ))}
    </ol>
  );
}
