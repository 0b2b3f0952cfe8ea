import { api } from "../api/calls";
import type { EventFrame } from "./frames";
import { inbox, inThisGeneration, merge } from "./store";

const asking = new Set<string>();

/** An event may bring a dialog that no list had yet: then its read marker is still to be asked for. */
export function completeReadMarker(frame: EventFrame): void {
  if (!("dialog" in frame.data)) return;
  const { id } = frame.data.dialog;
  if (inbox.peek().reads.has(id) || asking.has(id)) return;
  asking.add(id);
  void fetchDialog(id)
    .catch(() => {})
    .finally(() => asking.delete(id));
}

export async function fetchDialog(id: string): Promise<void> {
  const answer = await inThisGeneration(api.dialog(id));
  if (answer === null) return;
  const { inboundRead, ...dialog } = answer;
  merge({ seq: dialog.seq, dialogs: [dialog], reads: { [id]: inboundRead } });
}
