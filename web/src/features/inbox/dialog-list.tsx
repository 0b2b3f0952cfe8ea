import { useEffect, useRef } from "preact/hooks";

import type { Dialog } from "../../api/types";
import { compactRows } from "../../app/preferences";
import { Link, withQuery } from "../../app/router";
import { currentSession } from "../../app/session";
import { t } from "../../i18n";
import { generation } from "../../realtime/store";
import { Empty, Failed, Skeleton } from "../../ui/empty";
import { NoDialogs } from "./no-dialogs";
import { DialogRow } from "./dialog-row";
import { useKeepPlace } from "./keep-place";
import { listItems, loadedOf, loadMore, openList, type ListQuery } from "./list";
import { useWindow } from "./use-window";

interface DialogListProps {
  query: ListQuery;
  selectedId: string | null;
}

export function DialogList({ query, selectedId }: DialogListProps) {
  const { view, channel, search } = query;
  useEffect(() => {
    void openList(query);
  }, [view, channel, search, generation.value]);

  const loaded = loadedOf(query);
  const items = listItems(query, currentSession().agent.id);
  if (items.length === 0) {
    if (loaded.state === "failed") {
      return (
        <Failed text={t("inbox.load-failed")} retryLabel={t("retry")} onRetry={() => void openList(query)} />
      );
    }
    if (loaded.state === "loading")
      return <Skeleton rows={8} label={t("loading")} rowHeight={heightOfRow()} />;
    return search === "" ? <NoDialogs query={query} /> : <NothingFound query={query} />;
  }
  // Another list begins at its top.
  return <Rows key={JSON.stringify(query)} items={items} query={query} selectedId={selectedId} />;
}

function heightOfRow(): number {
  return compactRows.value ? 48 : 68;
}

/** Of this list only: others may have it. */
function NothingFound({ query: { view, channel, search } }: { query: ListQuery }) {
  const isPart = view !== "all" || channel !== null;
  return (
    <Empty icon="search" title={t(isPart ? "inbox.nothing-found-here" : "inbox.nothing-found")}>
      {isPart && (
        <p>
          <Link to={withQuery("/inbox", { view: "all", channel: null })}>{t("inbox.search-open")}</Link>
        </p>
      )}
      <Link to={`/log?status=all&q=${encodeURIComponent(search)}`}>{t("inbox.search-log")}</Link>
    </Empty>
  );
}

interface RowsProps extends DialogListProps {
  items: readonly Dialog[];
}

function Rows({ items, query, selectedId }: RowsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const height = heightOfRow();
  const { first, last } = useWindow(scroller, items.length, height);
  useKeepPlace(
    scroller,
    items.map((dialog) => dialog.id),
    height,
  );
  const selected = items.findIndex((dialog) => dialog.id === selectedId);

  useEffect(() => {
    if (last >= items.length) void loadMore(query);
  }, [last >= items.length, items.length, query]);

  useEffect(() => {
    if (scroller.current !== null && selected >= 0) reveal(scroller.current, selected, height);
  }, [selectedId]);

  return (
    <div
      ref={scroller}
      class={`list scroller ${compactRows.value ? "list-compact" : ""}`}
      role="listbox"
      tabIndex={-1}
      aria-label={t("inbox.list")}
      data-testid="dialog-list"
      onKeyDown={(event) => moveFocus(event, height, items.length)}
    >
      <div class="list-window" style={{ height: `${items.length * height}px` }}>
        <div class="list-rows" style={{ transform: `translateY(${first * height}px)` }}>
          {items.slice(first, last).map((dialog, index) => (
            <DialogRow
              key={dialog.id}
              dialog={dialog}
              position={first + index}
              count={items.length}
              selected={dialog.id === selectedId}
              showsAssignee={query.view !== "mine"}
              tabbable={first + index === Math.max(0, selected)}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

/** Scroll just as far as it takes to see a row. */
function reveal(list: HTMLElement, position: number, rowHeight: number): void {
  const top = position * rowHeight;
  const bottom = top + rowHeight;
  if (top < list.scrollTop) list.scrollTop = top;
  else if (bottom > list.scrollTop + list.clientHeight) list.scrollTop = bottom - list.clientHeight;
}

function focusRow(list: HTMLElement, position: number): boolean {
  const row = list.querySelector<HTMLElement>(`[data-position="${position}"]`);
  row?.focus({ preventScroll: true });
  return row !== null;
}

/** Arrow keys walk through the rows; Enter opens, as with any link. */
function moveFocus(event: KeyboardEvent, rowHeight: number, count: number): void {
  const list = event.currentTarget as HTMLElement;
  const focused = (document.activeElement as HTMLElement | null)?.dataset["position"];
  const steps: Record<string, number> = {
    ArrowDown: 1,
    ArrowUp: -1,
    PageDown: 8,
    PageUp: -8,
    Home: -count,
    End: count,
  };
  const step = steps[event.key];
  if (focused === undefined || step === undefined) return;
  event.preventDefault();
  const target = Math.min(count - 1, Math.max(0, Number(focused) + step));
  reveal(list, target, rowHeight);
  // A row that was out of sight is drawn first.
  if (!focusRow(list, target)) requestAnimationFrame(() => focusRow(list, target));
}
