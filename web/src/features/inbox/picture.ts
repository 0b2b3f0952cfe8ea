import { API } from "../../api/client";
import type { Dialog } from "../../api/types";

/** The address of the customer's picture; another one when the picture changes. */
export function pictureOf(dialog: Dialog): string | null {
  const { picture = null } = dialog.contact;
  return picture === null ? null : `${API}/dialogs/${dialog.id}/picture?v=${picture}`;
}
