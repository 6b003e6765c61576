import { PlatformError } from '@maru/api/errors';
import { createRandom } from '#time';
import { openTrace } from '../trace/read-trace.ts';
import type { RequestSource, TraceRequest } from '../trace/trace-request.ts';
import { agents } from './agents.ts';
import { type Chance, createChance } from './chance.ts';
import { sessions } from './sessions.ts';
import { sharedDocuments } from './shared-documents.ts';
import { tenants } from './tenants.ts';
import type { WorkloadSize } from './workload-size.ts';

const WORKLOADS: Readonly<Record<string, (size: WorkloadSize, chance: Chance) => Iterable<TraceRequest>>> = {
  sessions,
  agents,
  rag: sharedDocuments,
  tenants,
};
const PREFIX = 'made:';
const MAX_REQUESTS = 10_000_000;

/**
 * Requests of a trace file, or made ones: `made:sessions`, `made:agents`, `made:rag`, `made:tenants`, with `requests` (1000), `rate` per second (5),
 * `seed` (1) and `block` tokens (64) behind them, as in `made:agents,requests=5000,rate=20`. The same name gives the same
 * requests. Throws as {@link openTrace}, and `config_invalid` for an unknown name or figure.
 */
export function openWorkload(name: string): RequestSource {
  if (!name.startsWith(PREFIX)) return openTrace(name);
  const [kind = '', ...pairs] = name.slice(PREFIX.length).split(',');
  const make = Object.hasOwn(WORKLOADS, kind) ? WORKLOADS[kind] : undefined;
  if (make === undefined) throw bad(`no traffic is called "${kind}"; use one of: ${Object.keys(WORKLOADS).join(', ')}, or the name of a trace file`);
  const figures = figuresOf(pairs);
  const size = { requests: Math.min(MAX_REQUESTS, Math.ceil(figures.requests)), perSecond: figures.rate, blockTokens: Math.ceil(figures.block) };
  return { blockTokens: size.blockTokens, requests: { [Symbol.iterator]: () => make(size, createChance(createRandom(figures.seed)))[Symbol.iterator]() } };
}

const DEFAULTS = { requests: 1000, rate: 5, seed: 1, block: 64 };

function figuresOf(pairs: readonly string[]): typeof DEFAULTS {
  const figures = { ...DEFAULTS };
  for (const pair of pairs) {
    const [name = '', text = ''] = pair.split('=');
    const value = Number(text);
    if (!Object.hasOwn(figures, name) || !(value > 0) || !Number.isFinite(value))
      throw bad(`"${pair}" of the traffic is wrong: want ${Object.keys(DEFAULTS).join(', ')}, each with a number above 0`);
    figures[name as keyof typeof DEFAULTS] = value;
  }
  return figures;
}

const bad = (message: string): PlatformError => new PlatformError('config_invalid', { message });
