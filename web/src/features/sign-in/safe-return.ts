/** Where to go after signing in: a place in this console, never another site. */
export function safeReturn(next: string | null): string {
  if (next === null || !next.startsWith("/") || /^\/[/\\]/.test(next) || next.startsWith("/sign-in"))
    return "/inbox";
  return next;
}
