import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

const NEAR_PX = 60;

interface Ends {
  /** Of the oldest and of the newest thing shown. */
  first: string | null;
  last: string;
}

/**
 * Keep a growing thread where its reader is: at the end when it was at the end, else still.  What is put in
 * before the beginning does not move what is being read.
 */
export function useStickToEnd(threadId: string, { first, last }: Ends) {
  const scroller = useRef<HTMLDivElement>(null);
  const sticky = useRef(true);
  const before = useRef<{ threadId: string; first: string | null; height: number } | null>(null);
  const [atEnd, setAtEnd] = useState(true);

  const toEnd = useCallback(() => {
    const element = scroller.current;
    if (element !== null) element.scrollTop = element.scrollHeight;
  }, []);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const known = before.current;
    if (known?.threadId !== threadId) sticky.current = true;
    if (sticky.current) toEnd();
    else if (known !== null && known.first !== first)
      element.scrollTop += element.scrollHeight - known.height;
    before.current = { threadId, first, height: element.scrollHeight };
  }, [threadId, first, last, toEnd]);

  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    let top = element.scrollTop;
    const look = (): void => {
      const isNear = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX;
      // What grew since it was scrolled to the end is no wish to leave it: going up is.
      if (isNear || element.scrollTop < top) sticky.current = isNear;
      top = element.scrollTop;
      setAtEnd(sticky.current);
    };
    // Pictures arrive late and the keyboard of a phone takes room.
    const observer = new ResizeObserver(() => {
      if (sticky.current) toEnd();
    });
    observer.observe(element);
    if (element.firstElementChild !== null) observer.observe(element.firstElementChild);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, [threadId, toEnd]);

  return { scroller, atEnd, toEnd };
}
