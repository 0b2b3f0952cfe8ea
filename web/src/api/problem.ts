import type { FieldError, ProblemDetails } from "./schema";

const PREFIX = "urn:centrala:problem:";

/** A proxy in between answers with less than we do. */
type ProblemBody = Partial<ProblemDetails>;

/** The server understood the request and refused it (RFC 9457). */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  readonly code: string;
  readonly title: string;
  readonly errors: FieldError[];
  /** The stable code of the sentence, and what stands in its blanks. */
  readonly reason: string | undefined;
  readonly params: Record<string, string | number> | undefined;

  constructor(
    readonly status: number,
    readonly body: ProblemBody & Record<string, unknown>,
  ) {
    super(body.detail ?? body.title ?? `HTTP ${status}`);
    this.code = body.type?.startsWith(PREFIX) ? body.type.slice(PREFIX.length) : `http_${status}`;
    this.title = body.title ?? "";
    this.errors = body.errors ?? [];
    this.reason = body.reason;
    this.params = body.params;
  }
}

/** No answer: the connection was lost, or the server could not serve; the same request may be tried again. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";

  constructor(
    message: string,
    /** What our own server said about it, if it was that one. */
    readonly problem: ApiProblem | null = null,
  ) {
    super(message);
  }
}

export function isProblem(error: unknown, code?: string): error is ApiProblem {
  return error instanceof ApiProblem && (code === undefined || error.code === code);
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}
