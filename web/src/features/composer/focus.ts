import { signal } from "@preact/signals";

import type { ComposeKind } from "./drafts";

/** A wish to write, from a keyboard shortcut; the composer that is shown fulfils it. */
export const composeRequest = signal<ComposeKind | null>(null);
/** Text given back to the composer, of a message that is not to be sent as it is. */
export const returnedText = signal<{ dialogId: string; kind: ComposeKind; text: string } | null>(null);
