import type { ComponentChildren, TargetedToggleEvent } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";

import { placeBelow } from "./place";

interface MenuProps {
  /** The button that opens it; gets what it needs to be one. */
  button: (props: MenuButtonProps) => ComponentChildren;
  label: string;
  /** It holds fields too: then the choices among them stand in a `MenuList`. */
  withFields?: boolean;
  /** In how many columns the choices stand: left and right move too then, up and down by rows. */
  columns?: number;
  children: (close: () => void) => ComponentChildren;
}

export interface MenuButtonProps {
  popovertarget: string;
  "aria-haspopup": "menu";
  "aria-expanded": boolean;
}

/** A list of choices over the page: arrow keys move, Escape and a click elsewhere close it. */
export function Menu({ button, label, withFields = false, columns = 1, children }: MenuProps) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  const close = (): void => list.current?.hidePopover();
  const place = (): void => {
    const opener = document.querySelector(`[popovertarget="${id}"]`);
    if (list.current !== null && opener !== null) placeBelow(list.current, opener);
  };

  const whenToggled = (event: TargetedToggleEvent<HTMLDivElement>): void => {
    const isOpen = event.newState === "open";
    setOpen(isOpen);
    if (!isOpen || list.current === null) return;
    place();
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>("input, [role^=menuitem]")?.focus());
  };

  useLayoutEffect(() => {
    if (!open || list.current === null) return;
    // Its choices come after it was opened, and more of them may come later.
    const observer = new ResizeObserver(place);
    place();
    observer.observe(list.current);
    return () => observer.disconnect();
  }, [open]);

  return (
    <>
      {button({ popovertarget: id, "aria-haspopup": "menu", "aria-expanded": open })}
      <div
        id={id}
        ref={list}
        popover="auto"
        role="presentation"
        class="menu"
        onToggle={whenToggled}
        onKeyDown={(event) => moveFocus(event, columns)}
        onFocusOut={(event) => {
          const { currentTarget, relatedTarget } = event;
          if (relatedTarget instanceof Node && !currentTarget.contains(relatedTarget)) close();
        }}
      >
        {open && (withFields ? children(close) : <MenuList label={label}>{children(close)}</MenuList>)}
      </div>
    </>
  );
}

/** The choices; fields may stand beside them and not among them. */
export function MenuList({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div role="menu" aria-label={label}>
      {children}
    </div>
  );
}

function moveFocus(event: KeyboardEvent, columns: number): void {
  const menu = event.currentTarget as HTMLElement;
  const items = [...menu.querySelectorAll<HTMLElement>("[role^=menuitem]:not([aria-disabled=true])")];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const typing = document.activeElement instanceof HTMLInputElement;
  const target = targetOf(event.key, items, at, typing, columns);
  if (target === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  target.focus();
}

function targetOf(
  key: string,
  items: readonly HTMLElement[],
  at: number,
  typing: boolean,
  columns: number,
): HTMLElement | undefined {
  const step = at < 0 ? 1 : columns;
  switch (key) {
    case "ArrowDown":
      return items[at + step] ?? (at === items.length - 1 ? items[0] : items.at(-1));
    case "ArrowUp":
      return at <= 0 ? items.at(-1) : (items[at - step] ?? items[0]);
    case "ArrowRight":
      return typing || columns === 1 ? undefined : (items[at + 1] ?? items[0]);
    case "ArrowLeft":
      return typing || columns === 1 ? undefined : items.at(at <= 0 ? -1 : at - 1);
    case "Home":
      return typing ? undefined : items[0];
    case "End":
      return typing ? undefined : items.at(-1);
    default:
      return undefined;
  }
}

interface MenuItemProps {
  onSelect: () => void;
  children: ComponentChildren;
  /** For choices: whether this is the present one. */
  checked?: boolean;
}

export function MenuItem({ onSelect, children, checked }: MenuItemProps) {
  return (
    <button
      type="button"
      class="menu-item"
      role={checked === undefined ? "menuitem" : "menuitemradio"}
      aria-checked={checked}
      tabIndex={-1}
      onClick={onSelect}
    >
      {children}
    </button>
  );
}
