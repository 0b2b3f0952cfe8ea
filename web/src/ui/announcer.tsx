import { signal } from "@preact/signals";

const GATHER_MS = 1_500;

const spoken = signal("");
const waiting = new Map<string, string>();
let timer: ReturnType<typeof setTimeout> | undefined;

/** Tell screen readers, gathered so that a burst does not become a flood; of one thing what came first. */
export function announce(text: string, about: string = text): void {
  if (!waiting.has(about)) waiting.set(about, text);
  // The same sentence again is heard only if it was gone in between.
  spoken.value = "";
  timer ??= setTimeout(() => {
    spoken.value = [...waiting.values()].slice(-3).join(". ");
    waiting.clear();
    timer = undefined;
  }, GATHER_MS);
}

export function Announcer() {
  return (
    <div class="only-read-aloud" aria-live="polite" data-testid="announcer">
      {spoken.value}
    </div>
  );
}
