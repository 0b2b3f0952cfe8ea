import { useLayoutEffect, useState } from "preact/hooks";
import type { RefObject } from "preact";

const EXTRA_ROWS = 6;

interface Window {
  first: number;
  last: number;
}

/** Which of ``count`` rows of one height are near enough to the visible part to be drawn. */
export function useWindow(scroller: RefObject<HTMLElement | null>, count: number, rowHeight: number): Window {
  const [view, setView] = useState({ top: 0, height: 800 });

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const measure = (): void => setView({ top: element.scrollTop, height: element.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener("scroll", measure, { passive: true });
    measure();
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", measure);
    };
  }, [scroller]);

  return {
    first: Math.max(0, Math.floor(view.top / rowHeight) - EXTRA_ROWS),
    last: Math.min(count, Math.ceil((view.top + view.height) / rowHeight) + EXTRA_ROWS),
  };
}
