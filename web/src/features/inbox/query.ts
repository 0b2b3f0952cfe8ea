import { computed } from "@preact/signals";

import { address } from "../../app/router";
import { VIEWS, type ListQuery, type View } from "./list";

function isView(text: string | null): text is View {
  return VIEWS.some((view) => view === text);
}

/** Which list is shown: part of the address, so that back and reload keep it. */
export const listQuery = computed<ListQuery>(() => {
  const { query } = address.value;
  const view = query.get("view");
  return {
    view: isView(view) ? view : "mine",
    channel: query.get("channel"),
    search: query.get("q")?.trim() ?? "",
  };
});
