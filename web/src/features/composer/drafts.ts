export type ComposeKind = "message" | "note";

type Drafts = Record<string, Partial<Record<ComposeKind, string>>>;

const keyOf = (agentId: string): string => `centrala.drafts.${agentId}`;

function readAll(agentId: string): Drafts {
  try {
    return JSON.parse(localStorage.getItem(keyOf(agentId)) ?? "{}") as Drafts;
  } catch {
    return {};
  }
}

/** What an agent began to write in a dialog; it survives a reload and a session that ran out. */
export function readDraft(agentId: string, dialogId: string, kind: ComposeKind): string {
  return readAll(agentId)[dialogId]?.[kind] ?? "";
}

export function writeDraft(agentId: string, dialogId: string, kind: ComposeKind, text: string): void {
  const drafts = readAll(agentId);
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
