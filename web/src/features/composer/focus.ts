import { signal } from "@preact/signals";

import type { ComposeKind } from "./drafts";

/** The dialog in whose composer the next word belongs, as soon as it is there. */
export const writingNext = signal<string | null>(null);

type Write = (kind: ComposeKind, text?: string) => void;

let writeInComposer: Write | null = null;

/** The composer that is shown offers itself to those who want something written. */
export function offerComposer(write: Write): () => void {
  writeInComposer = write;
  return () => {
    if (writeInComposer === write) writeInComposer = null;
  };
}

/** Begin to write, at once: the very next key goes into the text.  With ``text``, go on with it. */
export function beginWriting(kind: ComposeKind, text?: string): boolean {
  writeInComposer?.(kind, text);
  return writeInComposer !== null;
}
