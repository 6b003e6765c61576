const listeners = new Set<() => void>();

/** Called by every request that is answered with 401. */
export function notifySignedOut(): void {
  for (const listener of listeners) listener();
}

/** The session watches for a 401 anywhere; returns how to stop watching. */
export function onSignedOut(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
