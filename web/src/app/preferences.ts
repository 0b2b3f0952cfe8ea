import { effect, signal, type Signal } from "@preact/signals";

const PREFIX = "centrala.";

/** A choice that this browser remembers. */
function preference<Value>(name: string, fallback: Value): Signal<Value> {
  const key = PREFIX + name;
  const choice = signal(read(key, fallback));
  let first = true;
  effect(() => {
    const text = JSON.stringify(choice.value);
    if (!first) write(key, text);
    first = false;
  });
  return choice;
}

function read<Value>(key: string, fallback: Value): Value {
  try {
    const text = localStorage.getItem(key);
    return text === null ? fallback : (JSON.parse(text) as Value);
  } catch {
    return fallback;
  }
}

function write(key: string, text: string): void {
  try {
    localStorage.setItem(key, text);
  } catch {
    // Storage is full or forbidden: the choice lasts until the page is closed.
  }
}

export type Theme = "system" | "light" | "dark";

export const theme = preference<Theme>("theme", "system");
export const singleKeys = preference("single-keys", true);
export const compactRows = preference("compact-rows", false);
export const detailsShown = preference("details-shown", true);
export const chosenLocale = preference<string | null>("locale", null);
export const chosenLogColumns = preference<string[] | null>("log-columns", null);

effect(() => {
  if (theme.value === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme.value;
});
