const FOCUSABLE =
  'a[href], button:not(:disabled, [tabindex="-1"]), input:not(:disabled, [type="file"]), select, textarea, summary, [tabindex="0"]';

/** The element with the focus and what it is in, from the inside out; an element that is gone has no parents any more. */
let path: readonly Element[] = [];

/**
 * What is pressed often goes away with it: *Take* when the dialog is taken, a page when another is opened.  The focus then goes
 * to the nearest thing that is left, instead of to the beginning of the document.
 */
export function keepFocus(): () => void {
  const observer = new MutationObserver(restore);
  document.addEventListener("focusin", note);
  observer.observe(document.body, { childList: true, subtree: true });
  return () => {
    document.removeEventListener("focusin", note);
    observer.disconnect();
  };
}

function note({ target }: FocusEvent): void {
  if (!(target instanceof HTMLElement)) return;
  path = ancestors(target);
}

function restore(): void {
  const [last] = path;
  if (last === undefined || last.isConnected || document.activeElement !== document.body) return;
  const home = homeOf(path);
  path = [];
  home?.focus({ preventScroll: true });
}

function ancestors(of: Element): Element[] {
  const found: Element[] = [];
  for (let each: Element | null = of; each !== null && each !== document.body; each = each.parentElement) {
    found.push(each);
  }
  return found;
}

function homeOf(lost: readonly Element[]): HTMLElement | null {
  for (const each of lost) {
    // The first thing in a long thread is far away from what was pressed in it.
    if (!each.isConnected || each.matches('[role="log"]')) continue;
    if (each instanceof HTMLElement && each.matches(FOCUSABLE)) return each;
    const inside = [...each.querySelectorAll<HTMLElement>(FOCUSABLE)].find((one) => one.checkVisibility());
    if (inside !== undefined) return inside;
  }
  return null;
}
