const GAP = 4;
const MARGIN = 8;

/** Put something that floats under (or, for want of room, over) ``anchor``, inside the window. */
export function placeBelow(floating: HTMLElement, anchor: Element): void {
  // As large as it wants to be: where it stands now has a say in that, and it may have outgrown it.
  floating.style.maxHeight = "";
  floating.style.left = `${MARGIN}px`;
  const from = anchor.getBoundingClientRect();
  const { width, height } = floating.getBoundingClientRect();
  const roomBelow = window.innerHeight - from.bottom - GAP - MARGIN;
  const above = height > roomBelow && from.top > roomBelow;
  const top = above ? Math.max(MARGIN, from.top - height - GAP) : from.bottom + GAP;
  const left = Math.min(Math.max(MARGIN, from.left), window.innerWidth - width - MARGIN);
  floating.style.top = `${top}px`;
  floating.style.left = `${Math.max(MARGIN, left)}px`;
  floating.style.maxHeight = `${above ? from.top - GAP - MARGIN : roomBelow}px`;
}
