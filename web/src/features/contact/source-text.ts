import type { Source } from "../../api/types";

/** “google / cpc”. */
export function sourceText({ source, medium }: Source): string {
  return [source, medium].filter((part) => part !== "").join(" / ");
}
