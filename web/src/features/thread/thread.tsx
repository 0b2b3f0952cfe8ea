import { useEffect, useMemo } from "preact/hooks";

import { currentSession } from "../../app/session";
import { t } from "../../i18n";
import { dayHeading } from "../../i18n/dates";
import { generation, inbox, unreadCount } from "../../realtime/store";
import { Button } from "../../ui/button";
import { BubbleSkeleton, Empty, Failed } from "../../ui/empty";
import { Icon } from "../../ui/icons";
import { pendingOf } from "../composer/outbox";
import { ActivityLine } from "./activity-line";
import { loadEarlier, openThread, threadLoad } from "./load";
import { MessageGroup } from "./message-group";
import { PendingBubbles } from "./pending-bubbles";
import { buildTimeline, type TimelineItem } from "./timeline";
import { useNewFrom } from "./use-new-from";
import { useStickToEnd } from "./use-stick-to-end";
import { useThreadZone } from "./zone";

interface ThreadProps {
  dialogId: string;
  /** In the log: nothing can be done and nothing is marked. */
  readOnly?: boolean;
  onEndShown?: (shown: boolean) => void;
}

export function Thread({ dialogId, readOnly = false, onEndShown }: ThreadProps) {
  const load = threadLoad(dialogId);
  const isVisible = inbox.value.dialogs.has(dialogId);
  useEffect(() => {
    if (isVisible || load.state !== "missing") void openThread(dialogId);
  }, [dialogId, generation.value, isVisible]);

  const messages = inbox.value.messages.get(dialogId);
  const activities = inbox.value.activities.get(dialogId);
  const from = load.cursor === null ? null : load.oldest;
  const timeZone = useThreadZone();
  const newFrom = useNewFrom(dialogId, !readOnly && load.oldest !== null);
  const items = useMemo(
    () =>
      buildTimeline({
        messages: messages?.values() ?? [],
        activities: activities?.values() ?? [],
        from,
        timeZone,
        newFrom,
      }),
    [messages, activities, from, timeZone, newFrom],
  );

  if (load.state === "missing") return <Empty icon="inbox" title={t("thread.missing")} />;
  if (load.state === "failed") {
    return (
      <Failed
        text={t("thread.load-failed")}
        retryLabel={t("retry")}
        onRetry={() => void openThread(dialogId)}
      />
    );
  }
  if (load.oldest === null && load.state === "loading") return <BubbleSkeleton label={t("loading")} />;
  return <Timeline dialogId={dialogId} items={items} readOnly={readOnly} onEndShown={onEndShown} />;
}

interface TimelineProps extends ThreadProps {
  items: readonly TimelineItem[];
}

function Timeline({ dialogId, items, readOnly = false, onEndShown }: TimelineProps) {
  const load = threadLoad(dialogId);
  const me = currentSession().agent.id;
  const dialog = inbox.value.dialogs.get(dialogId);
  const unread = readOnly || dialog === undefined ? 0 : unreadCount(dialog);
  const pending = readOnly ? 0 : pendingOf(dialogId).length;
  const lastItem = items.at(-1);
  const lastSize = lastItem?.type === "group" ? lastItem.messages.length : 0;
  const { scroller, atEnd, toEnd } = useStickToEnd(dialogId, {
    first: load.oldest,
    last: `${lastItem?.key} ${lastSize} ${pending}`,
  });
  useEffect(() => onEndShown?.(atEnd), [atEnd, onEndShown]);

  return (
    <div class="thread">
      <div ref={scroller} class="thread-scroller scroller" tabIndex={0} aria-label={t("thread.messages")}>
        <div class="thread-content" role="log" aria-live="off" data-testid="thread">
          {load.cursor !== null && (
            <Button
              kind="quiet"
              class="load-earlier"
              disabled={load.state === "loading"}
              onClick={() => void loadEarlier(dialogId)}
            >
              {t("thread.load-earlier")}
            </Button>
          )}
          {items.map((item) => (
            <Item key={item.key} item={item} me={me} readOnly={readOnly} />
          ))}
          {!readOnly && <PendingBubbles dialogId={dialogId} me={me} />}
        </div>
      </div>
      {!atEnd && (
        <button type="button" class={`jump ${unread > 0 ? "jump-new" : ""}`} onClick={toEnd}>
          <Icon name="down" size={16} />
          {unread > 0 ? t("thread.jump-new", { n: unread }) : t("thread.jump")}
        </button>
      )}
    </div>
  );
}

function Item({ item, me, readOnly }: { item: TimelineItem; me: string; readOnly: boolean }) {
  const zone = useThreadZone();
  switch (item.type) {
    case "day":
      return (
        <h3 class="day">
          <span>{dayHeading(item.at, zone)}</span>
        </h3>
      );
    case "new":
      return <p class="day day-new">{t("thread.new")}</p>;
    case "activity":
      return <ActivityLine activity={item.activity} />;
    case "group":
      return <MessageGroup messages={item.messages} me={me} readOnly={readOnly} />;
  }
}
