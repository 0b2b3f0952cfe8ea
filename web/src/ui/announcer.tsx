import { signal } from "@preact/signals";

const GATHER_MS = 1_500;

const spoken = signal("");
let waiting: string[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;

/** Tell screen readers, gathered so that a burst does not become a flood. */
export function announce(text: string): void {
  waiting.push(text);
  timer ??= setTimeout(() => {
    spoken.value = [...new Set(waiting)].slice(-3).join(". ");
    waiting = [];
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
