import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

/** Keeps the focus beside what was pressed while rows of fields come and go: on the last row, or where ``onEmptied`` puts it. */
export function useRowFocus(rows: number, onEmptied: () => void): RefObject<HTMLFieldSetElement | null> {
  const list = useRef<HTMLFieldSetElement>(null);
  const before = useRef(rows);
  // As soon as it is drawn, so that what is typed next belongs to the new row.
  useLayoutEffect(() => {
    if (rows === before.current) return;
    before.current = rows;
    if (rows === 0) onEmptied();
    else list.current?.querySelector<HTMLElement>(".button-field:last-of-type input")?.focus();
  }, [rows]);
  return list;
}
