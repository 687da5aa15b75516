// SPDX-License-Identifier: Apache-2.0
// live: one event stream a browser; the tab that holds the lock reads it and tells the others.
export type LiveEvent = { type: string; data: unknown };
type Listener = (event: LiveEvent) => void;

const TYPES = ['hello', 'alert', 'workflow', 'overview', 'sensors', 'resync', 'bye'];
const listeners = new Set<Listener>();
let stop: (() => void) | null = null;

const tell = (event: LiveEvent) => listeners.forEach((each) => each(event));

function read(channel: BroadcastChannel | null): EventSource {
  const source = new EventSource('/api/v1/stream?topics=alerts,overview,sensors');
  const pass = (event: LiveEvent) => {
    tell(event);
    channel?.postMessage(event);
  };
  for (const type of TYPES) source.addEventListener(type, (event) => pass({ type, data: JSON.parse((event as MessageEvent<string>).data) }));
  source.addEventListener('open', () => pass({ type: 'up', data: null }));
  source.addEventListener('error', () => pass({ type: 'down', data: null }));
  return source;
}

/** Begins to listen; whoever called before is stopped first. */
export function startLive() {
  stopLive();
  let source: EventSource | null = null;
  if (!('locks' in navigator) || !('BroadcastChannel' in window)) {
    source = read(null);
    stop = () => source?.close();
    return;
  }
  const channel = new BroadcastChannel('sekisho-live');
  channel.onmessage = (message) => tell(message.data as LiveEvent);
  const ending = new AbortController();
  let release = () => {};
  navigator.locks.request('sekisho-live', { signal: ending.signal }, () => new Promise<void>((resolve) => {
    source = read(channel);
    release = resolve;
  })).catch(() => {});
  stop = () => {
    ending.abort();
    source?.close();
    release();
    channel.close();
  };
}

export function stopLive() {
  stop?.();
  stop = null;
}

/** Returns the function that ends it. */
export function onLive(listener: Listener): () => void {
  listeners.add(listener);
  return () => { listeners.delete(listener); };
}
