export type ComposeKind = "message" | "note";

type Drafts = Record<string, Partial<Record<ComposeKind, string>>>;

const keyOf = (agentId: string): string => `centrala.drafts.${agentId}`;

let parsed: { raw: string; drafts: Drafts } = { raw: "{}", drafts: {} };

/** Every row of the list asks: what was read once is not taken apart again. */
function readAll(agentId: string): Drafts {
  try {
    const raw = localStorage.getItem(keyOf(agentId)) ?? "{}";
    if (raw !== parsed.raw) parsed = { raw, drafts: JSON.parse(raw) as Drafts };
    return parsed.drafts;
  } catch {
    return {};
  }
}

/** What waits in a dialog to be finished, the reply before the note. */
export function anyDraft(agentId: string, dialogId: string): string {
  const { message = "", note = "" } = readAll(agentId)[dialogId] ?? {};
  return message.trim() || note.trim();
}

/** What an agent began to write in a dialog; it survives a reload and a session that ran out. */
export function readDraft(agentId: string, dialogId: string, kind: ComposeKind): string {
  return readAll(agentId)[dialogId]?.[kind] ?? "";
}

export function writeDraft(agentId: string, dialogId: string, kind: ComposeKind, text: string): void {
  const drafts = { ...readAll(agentId) };
  const { [kind]: _, ...rest } = drafts[dialogId] ?? {};
  const kept = text === "" ? rest : { ...rest, [kind]: text };
  if (Object.keys(kept).length === 0) delete drafts[dialogId];
  else drafts[dialogId] = kept;
  try {
    localStorage.setItem(keyOf(agentId), JSON.stringify(drafts));
  } catch {
    // Storage is full or forbidden: the draft lives as long as its text field.
  }
}

export function forgetDrafts(agentId: string): void {
  localStorage.removeItem(keyOf(agentId));
}
