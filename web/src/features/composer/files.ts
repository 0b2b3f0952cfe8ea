import type { Capabilities, FileRule } from "../../api/types";

/** A file as the server found it to be by its content, or (before that) as the browser calls it. */
export interface FileLike {
  kind: string;
  mime: string;
  size: number;
}

/** The same as connectors/offers.py: a file goes as its own kind, else as a file, else not at all. */
export function ruleFor({ kind, mime, size }: FileLike, { files }: Capabilities): FileRule | FileMisfit {
  const kinds = [kind, ...(kind === "voice" ? ["audio", "file"] : ["file"])];
  const fitting = kinds.flatMap((name) =>
    files.filter((rule) => rule.kind === name && (rule.types.length === 0 || rule.types.includes(mime))),
  );
  const found = fitting.find((rule) => size <= rule.bytes);
  if (found !== undefined) return found;
  return { limit: fitting.length === 0 ? null : Math.max(...fitting.map((rule) => rule.bytes)) };
}

export interface FileMisfit {
  /** Bytes of the largest such file; null: the channel takes no such file at all. */
  limit: number | null;
}

/** Why a channel does not take a file; null: it does. */
export function refusalOf(file: FileLike, capabilities: Capabilities): FileMisfit | null {
  const found = ruleFor(file, capabilities);
  return "limit" in found ? found : null;
}

/** Larger than anything that the channel takes: not worth uploading. */
export function largestOf({ files }: Capabilities): number {
  return Math.max(0, ...files.map((rule) => rule.bytes));
}

/** For the file picker. */
export function acceptedTypes({ files }: Capabilities): string | undefined {
  if (files.some((rule) => rule.kind === "file" && rule.types.length === 0)) return undefined;
  return files
    .flatMap((rule) => (rule.types.length === 0 ? [`${rule.kind}/*`] : rule.types))
    .filter((type, index, all) => all.indexOf(type) === index)
    .join(",");
}
