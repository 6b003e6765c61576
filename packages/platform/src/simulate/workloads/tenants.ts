import type { TraceRequest } from '../trace/trace-request.ts';
import type { Chance } from './chance.ts';
import { type Piece, promptBlocks, tokensOf } from './prompt-blocks.ts';
import type { WorkloadSize } from './workload-size.ts';

interface Tenant {
  readonly tenant: string;
  /** Of all requests. */
  readonly share: number;
  readonly priority?: number;
}

/** One that sends most of it, three that send little, and one whose requests are important; together 1. */
const TENANTS: readonly Tenant[] = [
  { tenant: 'big', share: 0.7 },
  { tenant: 'small-1', share: 0.08 },
  { tenant: 'small-2', share: 0.08 },
  { tenant: 'small-3', share: 0.08 },
  { tenant: 'urgent', share: 0.06, priority: -10 },
];
const SYSTEM_TOKENS = 1000;

/** Questions of several tenants, each with a long prompt of its own before them. */
export function* tenants(size: WorkloadSize, chance: Chance): Generator<TraceRequest> {
  let key = 1000;
  let atMs = 0;
  for (let sent = 0; sent < size.requests; sent += 1) {
    const number = drawn(chance);
    const { tenant, priority } = TENANTS[number] ?? { tenant: 'big' };
    const pieces: readonly Piece[] = [
      { key: 1 + number, tokens: SYSTEM_TOKENS },
      { key: key++, tokens: chance.logNormal(500, 0.8) },
    ];
    yield {
      atMs,
      inputTokens: tokensOf(pieces),
      outputTokens: chance.logNormal(150, 0.7),
      blocks: promptBlocks(pieces, size.blockTokens),
      tenant,
      ...(priority === undefined ? {} : { priority }),
    };
    atMs += chance.gapMs(size.perSecond);
  }
}

function drawn(chance: Chance): number {
  let point = chance.below(100) / 100;
  const number = TENANTS.findIndex(({ share }) => {
    point -= share;
    return point < -1e-9;
  });
  return Math.max(0, number);
}
