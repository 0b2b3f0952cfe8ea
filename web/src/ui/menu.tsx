import type { ComponentChildren, TargetedToggleEvent } from "preact";
import { useId, useRef, useState } from "preact/hooks";

import { placeBelow } from "./place";

interface MenuProps {
  /** The button that opens it; gets what it needs to be one. */
  button: (props: MenuButtonProps) => ComponentChildren;
  label: string;
  /** It holds fields too: then the choices among them stand in a `MenuList`. */
  withFields?: boolean;
  children: (close: () => void) => ComponentChildren;
}

export interface MenuButtonProps {
  popovertarget: string;
  "aria-haspopup": "menu";
  "aria-expanded": boolean;
}

/** A list of choices over the page: arrow keys move, Escape and a click elsewhere close it. */
export function Menu({ button, label, withFields = false, children }: MenuProps) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  const close = (): void => list.current?.hidePopover();

  const whenToggled = (event: TargetedToggleEvent<HTMLDivElement>): void => {
    const isOpen = event.newState === "open";
    setOpen(isOpen);
    if (!isOpen || list.current === null) return;
    const opener = document.querySelector(`[popovertarget="${id}"]`);
    if (opener !== null) placeBelow(list.current, opener);
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>("input, [role^=menuitem]")?.focus());
  };

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
        onKeyDown={moveFocus}
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

function moveFocus(event: KeyboardEvent): void {
  const menu = event.currentTarget as HTMLElement;
  const items = [...menu.querySelectorAll<HTMLElement>("[role^=menuitem]:not([aria-disabled=true])")];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const typing = document.activeElement instanceof HTMLInputElement;
  const target =
    event.key === "ArrowDown"
      ? items[(at + 1) % items.length]
      : event.key === "ArrowUp"
        ? items.at(at <= 0 ? -1 : at - 1)
        : !typing && event.key === "Home"
          ? items[0]
          : !typing && event.key === "End"
            ? items.at(-1)
            : undefined;
  if (target === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  target.focus();
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
