import type { RouteSpec } from '@maru/api/resources';

const MAX_CHAIN = 16;

/** Names to try after the first one, in order and without repeats; rules without `from` hold for every name. */
export function fallbackChain(first: string, fallbacks: readonly Pick<RouteSpec['fallbacks'][number], 'from' | 'to'>[]): string[] {
  const chain: string[] = [first];
  for (let place = 0; place < chain.length && chain.length < MAX_CHAIN; place += 1) {
    const from = chain[place];
    const next = fallbacks.filter((fallback) => fallback.from === from || fallback.from === undefined).flatMap((fallback) => fallback.to);
    for (const name of next) if (!chain.includes(name)) chain.push(name);
  }
  return chain.slice(1, MAX_CHAIN);
}
