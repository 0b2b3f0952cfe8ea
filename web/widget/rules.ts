/** Whether a path is meant by one of the patterns: commas between them, ``*`` for anything. */
export function matches(path: string, patterns: string): boolean {
  return patterns
    .split(",")
    .map((pattern) => pattern.trim())
    .some((pattern) => pattern !== "" && asExpression(pattern).test(path));
}

/** Whether the button is shown on this page.  Hiding wins; without ``showOn`` every page shows it. */
export function isShown(path: string, showOn: string, hideOn: string): boolean {
  if (matches(path, hideOn)) return false;
  return showOn.trim() === "" || matches(path, showOn);
}

function asExpression(pattern: string): RegExp {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join(".*")}/?$`);
}
