import { computed, signal } from "@preact/signals";

function media(query: string) {
  const list = window.matchMedia(query);
  const matches = signal(list.matches);
  list.addEventListener("change", () => {
    matches.value = list.matches;
  });
  return matches;
}

/** One pane at a time. */
export const isPhone = media("(max-width: 719.98px)");
/** Too little room beside the list for a row of buttons: a phone, an upright tablet, a desk that is zoomed in. */
export const isTight = media("(max-width: 899.98px)");
const isDesk = media("(min-width: 1200px)");
export const isTouch = media("(hover: none) and (pointer: coarse)");

/** Room for three panes, for two, or for one. */
export const panes = computed(() => (isPhone.value ? 1 : isDesk.value ? 3 : 2));
