import { useEffect, useRef, useState } from "preact/hooks";

type TakeFiles = (files: Iterable<File>) => void;

function carriesFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes("Files") ?? false;
}

function hold(event: DragEvent): void {
  const isField = event.target instanceof HTMLInputElement && event.target.type === "file";
  if (event.defaultPrevented || isField || event.dataTransfer === null || !carriesFiles(event)) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "none";
}

/** A file that misses its place must not take the whole page away: the browser would open it instead. */
export function holdFiles(): () => void {
  document.addEventListener("dragover", hold);
  document.addEventListener("drop", hold);
  return () => {
    document.removeEventListener("dragover", hold);
    document.removeEventListener("drop", hold);
  };
}

/** The whole dialog takes what is dropped on it. Whether files are over it now; undefined: it can't take any. */
export function useFileDrop(take: TakeFiles | undefined): boolean {
  const [isOver, setOver] = useState(false);
  const latest = useRef(take);
  latest.current = take;
  const takes = take !== undefined;

  useEffect(() => {
    const place = document.querySelector<HTMLElement>(".dialog-pane");
    if (!takes || place === null) return;
    const over = (event: DragEvent): void => {
      if (!carriesFiles(event) || event.dataTransfer === null) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      setOver(true);
    };
    const leave = (event: DragEvent): void => {
      if (!(event.relatedTarget instanceof Node && place.contains(event.relatedTarget))) setOver(false);
    };
    const drop = (event: DragEvent): void => {
      setOver(false);
      if (!carriesFiles(event)) return;
      event.preventDefault();
      latest.current?.(event.dataTransfer?.files ?? []);
    };
    place.addEventListener("dragover", over);
    place.addEventListener("dragleave", leave);
    place.addEventListener("drop", drop);
    return () => {
      setOver(false);
      place.removeEventListener("dragover", over);
      place.removeEventListener("dragleave", leave);
      place.removeEventListener("drop", drop);
    };
  }, [takes]);

  return isOver && takes;
}
