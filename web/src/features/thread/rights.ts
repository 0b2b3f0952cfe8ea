import type { Dialog, Session } from "../../api/types";

/** Who may do what with a dialog; the server decides, this only spares people buttons that would be refused. */
export interface Rights {
  take: boolean;
  assign: boolean;
  giveBack: boolean;
  close: boolean;
  reopen: boolean;
  reply: boolean;
}

export function rightsFor(dialog: Dialog, { agent }: Session): Rights {
  const leads = agent.role !== "agent";
  const isMine = dialog.assignee?.id === agent.id;
  const isFree = dialog.assignee === null;
  const isOpen = dialog.status !== "closed";
  return {
    take: isOpen && !isMine && (isFree || leads),
    assign: isOpen && (isMine || leads),
    giveBack: isOpen && !isFree && (isMine || leads),
    close: isOpen && (isMine || isFree || leads),
    reopen: !isOpen && (isMine || isFree || leads),
    reply: isOpen && (isMine || isFree || leads),
  };
}
