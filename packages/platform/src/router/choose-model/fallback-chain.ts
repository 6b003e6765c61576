import type { RouteSpec } from '@maru/api/resources';

const MAX_CHAIN = 16;

export interface ChainLink {
  readonly name: string;
  /** The name that it stands behind. */
  readonly of: string;
}

/** Names to try after the given ones, in order and without repeats; rules without `from` hold for every name. */
export function fallbackChain(first: readonly string[], fallbacks: readonly Pick<RouteSpec['fallbacks'][number], 'from' | 'to'>[]): ChainLink[] {
  if (fallbacks.length === 0) return [];
  const chain: ChainLink[] = first.map((name) => ({ name, of: name }));
  for (let place = 0; place < chain.length && chain.length < MAX_CHAIN; place += 1) {
    const from = chain[place]?.name ?? '';
    const next = fallbacks.filter((fallback) => fallback.from === from || fallback.from === undefined).flatMap((fallback) => fallback.to);
    for (const name of next) if (!chain.some((link) => link.name === name)) chain.push({ name, of: from });
  }
  return chain.slice(first.length, MAX_CHAIN);
}
