import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

/** Of so many rows it is asked where they went; a few of them may have moved for reasons of their own. */
const ASKED = 9;

/**
 * By how many rows the rows from `first` on have moved, as most of them have: those that were put in or taken away above move
 * all of them alike, the one that somebody just wrote in alone.
 */
export function movedBy(before: readonly string[], after: readonly string[], first: number): number {
  const places = new Map(after.map((id, place) => [id, place]));
  const moves = before.slice(first, first + ASKED).flatMap((id, index) => {
    const place = places.get(id);
    return place === undefined ? [] : [place - (first + index)];
  });
  return moves.toSorted((a, b) => a - b)[Math.floor(moves.length / 2)] ?? 0;
}

/** Who reads further down a list is not moved by what happens above; at its top new rows are seen at once. */
export function useKeepPlace(
  scroller: RefObject<HTMLElement | null>,
  ids: readonly string[],
  rowHeight: number,
): void {
  const known = useRef({ ids, rowHeight });
  useLayoutEffect(() => {
    const before = known.current;
    known.current = { ids, rowHeight };
    const element = scroller.current;
    if (element === null || element.scrollTop === 0 || before.rowHeight !== rowHeight) return;
    const first = Math.floor(element.scrollTop / rowHeight);
    element.scrollTop += movedBy(before.ids, ids, first) * rowHeight;
  }, [ids.join(" "), rowHeight]);
}
