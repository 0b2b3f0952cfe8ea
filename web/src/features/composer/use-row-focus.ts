import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

/** Puts the focus on a row of fields when it is added; where it goes when one is taken away: app/keep-focus.ts. */
export function useRowFocus(rows: number): RefObject<HTMLFieldSetElement | null> {
  const list = useRef<HTMLFieldSetElement>(null);
  const before = useRef(rows);
  // As soon as it is drawn, so that what is typed next belongs to the new row.
  useLayoutEffect(() => {
    if (rows > before.current)
      list.current?.querySelector<HTMLElement>(".button-field:last-of-type input")?.focus();
    before.current = rows;
  }, [rows]);
  return list;
}
