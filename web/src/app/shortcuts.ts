import { listItems } from "../features/inbox/list";
import { listQuery } from "../features/inbox/query";
import { beginWriting } from "../features/composer/focus";
import { helpShown } from "./help";
import { singleKeys } from "./preferences";
import { navigate, route, withQuery } from "./router";
import { session } from "./session";

const SEQUENCE_MS = 1_000;

/** On the clock of events, which starts with the page. */
let goPressedAt = Number.NEGATIVE_INFINITY;

/** Single keys outside of text fields.  Never with Alt or Ctrl+Alt: those type Polish letters. */
export function listenForShortcuts(): () => void {
  document.addEventListener("keydown", whenPressed);
  return () => document.removeEventListener("keydown", whenPressed);
}

/** Whether a key press is somebody's typing, or a modal's own affair. */
export function isTyping(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement | null;
  return (
    event.ctrlKey ||
    event.metaKey ||
    event.altKey ||
    event.isComposing ||
    event.getModifierState("AltGraph") ||
    target?.closest("input, textarea, select, [contenteditable]") !== null
  );
}

/** The letter of a key, also on keyboards with another alphabet. */
export function letterOf(event: KeyboardEvent): string {
  const { key, code } = event;
  return !/^[\x20-\x7e]$/.test(key) && key.length === 1 && code.startsWith("Key")
    ? code.slice(3).toLowerCase()
    : key;
}

function whenPressed(event: KeyboardEvent): void {
  if (
    event.defaultPrevented ||
    isTyping(event) ||
    document.querySelector("dialog[open], [popover]:popover-open:not(.toasts)")
  )
    return;
  const letter = letterOf(event);
  if (letter === "?") {
    event.preventDefault();
    helpShown.value = true;
    return;
  }
  if (!singleKeys.value) return;
  const afterGo = event.timeStamp - goPressedAt < SEQUENCE_MS;
  goPressedAt = letter === "g" ? event.timeStamp : Number.NEGATIVE_INFINITY;
  if (act(letter, afterGo)) event.preventDefault();
}

function act(letter: string, afterGo: boolean): boolean {
  if (afterGo) {
    if (letter === "i") return go("/inbox");
    if (letter === "l") return go("/log");
    return false;
  }
  switch (letter) {
    case "j":
      return step(1);
    case "k":
      return step(-1);
    case "r":
      return beginWriting("message");
    case "n":
      return beginWriting("note");
    case "a":
      return press("assign") || press("take");
    case "e":
      return press("close");
    case "/":
      return focusSearch();
    default:
      return false;
  }
}

function go(path: string): boolean {
  navigate(path);
  return true;
}

/** Open the next or the previous dialog of the list. */
function step(by: number): boolean {
  const shown = route.peek();
  const me = session.peek()?.agent.id;
  if (shown.name !== "inbox" || me === undefined) return false;
  const items = listItems(listQuery.peek(), me);
  const at = items.findIndex((dialog) => dialog.id === shown.dialogId);
  const target = at === -1 ? items[0] : items[at + by];
  if (target !== undefined) navigate(withQuery(`/inbox/${target.id}`, { details: null }));
  return true;
}

function press(shortcut: string): boolean {
  const button = document.querySelector<HTMLButtonElement>(`[data-shortcut="${shortcut}"]`);
  button?.click();
  return button !== null;
}

function focusSearch(): boolean {
  const field = document.querySelector<HTMLInputElement>("[data-search]");
  field?.focus();
  return field !== null;
}
