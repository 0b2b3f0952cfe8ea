import { ApiProblem, Unreachable } from "./problem";

export const API = "/api/v1";

export type QueryValue = string | number | boolean | null | undefined;

export interface RequestOptions {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  query?: Record<string, QueryValue>;
  /** A plain value is sent as JSON, a FormData as it is. */
  body?: unknown;
  idempotencyKey?: string;
  signal?: AbortSignal;
}

let csrfToken: string | null = null;
let onSignedOut: () => void = () => {};

/** The token that every changing request of this session carries. */
export function setCsrfToken(token: string | null): void {
  csrfToken = token;
}

/** Called when the server says that there is no session any more. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

export function queryString(query: Record<string, QueryValue>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") params.set(key, String(value));
  }
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}

export async function request<Result>(path: string, options: RequestOptions = {}): Promise<Result> {
  const response = await send(path, options);
  if (response.ok) {
    return (response.status === 204 ? undefined : await response.json()) as Result;
  }
  const problem = new ApiProblem(response.status, await problemBody(response));
  if (response.status >= 502 && response.status <= 504)
    throw new Unreachable(`HTTP ${response.status}`, problem);
  if (response.status === 401 && path !== "/session") onSignedOut();
  throw problem;
}

async function send(path: string, options: RequestOptions): Promise<Response> {
  const { method = "GET", query = {}, body, idempotencyKey, signal } = options;
  const headers = new Headers({ Accept: "application/json" });
  if (method !== "GET" && csrfToken !== null) headers.set("X-CSRF-Token", csrfToken);
  if (idempotencyKey !== undefined) headers.set("Idempotency-Key", idempotencyKey);
  const isForm = body instanceof FormData;
  if (body !== undefined && !isForm) headers.set("Content-Type", "application/json");
  let response: Response;
  try {
    response = await fetch(`${API}${path}${queryString(query)}`, {
      method,
      headers,
      body: isForm ? body : body === undefined ? undefined : JSON.stringify(body),
      signal,
      credentials: "same-origin",
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Unreachable("no answer");
  }
  return response;
}

async function problemBody(response: Response): Promise<Record<string, unknown>> {
  try {
    return (await response.json()) as Record<string, unknown>;
  } catch {
    return {};
  }
}
