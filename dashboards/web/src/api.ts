// SPDX-License-Identifier: Apache-2.0
// api: the only fetch(); every failure becomes a Problem with the server's code.
export class Problem extends Error {
  constructor(readonly code: string, readonly status: number, readonly params: Record<string, unknown> = {}) {
    super(code);
  }
}

type Options = { body?: unknown; version?: number; background?: boolean };
let whenLoggedOut = () => {};

/** Called when the server says that the session is over. */
export function onLogout(call: () => void) {
  whenLoggedOut = call;
}

async function answer<T>(response: Response): Promise<T> {
  if (response.status === 204) return undefined as T;
  const body = await response.json().catch(() => null);
  if (response.ok && body !== null) return body as T;
  const problem = new Problem(body?.code ?? 'internal', response.status, body?.params ?? {});
  if (problem.code === 'login_required') whenLoggedOut();
  throw problem;
}

async function call<T>(method: string, path: string, options: Options): Promise<T> {
  const headers: Record<string, string> = {};
  if (options.body !== undefined) Object.assign(headers, { 'Content-Type': 'application/json', 'X-Sekisho': '1' });
  if (options.version !== undefined) headers['If-Match'] = `"${options.version}"`;
  if (options.background) headers['Sekisho-Background'] = '1';
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, { method, headers, body: options.body === undefined ? null : JSON.stringify(options.body) });
  } catch {
    throw new Problem('unreachable', 0);
  }
  return answer<T>(response);
}

export const get = <T>(path: string, options: Options = {}) => call<T>('GET', path, options);
export const post = <T>(path: string, body: unknown, options: Options = {}) => call<T>('POST', path, { ...options, body });

/** "?a=b&c=d" of what is not empty. */
export function query(parameters: Record<string, string | number | undefined | null>): string {
  const words = new URLSearchParams();
  for (const [key, value] of Object.entries(parameters)) if (value !== undefined && value !== null && value !== '') words.set(key, String(value));
  const text = words.toString();
  return text ? `?${text}` : '';
}
