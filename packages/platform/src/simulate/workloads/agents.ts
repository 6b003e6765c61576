import type { TraceRequest } from '../trace/trace-request.ts';
import type { Chance } from './chance.ts';
import { type Piece, promptBlocks, tokensOf } from './prompt-blocks.ts';
import type { WorkloadSize } from './workload-size.ts';

const KINDS = 5;
const SYSTEM_TOKENS = 3000;
const MEAN_STEPS = 6;
const BRANCHES = 0.15;

/**
 * Runs of agents: a long prompt of the kind of agent, then steps that each add what a tool has answered, after the wait for
 * that tool. Some steps send out helpers that begin with all that is known, and go on when the last of them has ended.
 */
export function* agents(size: WorkloadSize, chance: Chance): Generator<TraceRequest> {
  let key = 1000;
  let sent = 0;
  const fresh = (tokens: number): Piece => ({ key: key++, tokens });

  /** Yields the steps of one chain; returns the id of its last. */
  function* chain(start: {
    atMs: number;
    name: string;
    session: string;
    pieces: readonly Piece[];
    after: readonly string[];
    steps: number;
    helpers: boolean;
  }): Generator<TraceRequest, string> {
    let pieces = start.pieces;
    let after = start.after;
    let last = '';
    for (let step = 0; step < start.steps && sent < size.requests; step += 1) {
      const outputTokens = chance.logNormal(120, 0.7);
      last = `${start.name}.${step}`;
      sent += 1;
      yield {
        atMs: start.atMs,
        inputTokens: tokensOf(pieces),
        outputTokens,
        blocks: promptBlocks(pieces, size.blockTokens),
        id: last,
        session: start.session,
        ...(after.length === 0 ? {} : { after, delayMs: chance.logNormal(1500, 1) }),
      };
      const known = [...pieces, fresh(outputTokens)];
      after = [last];
      if (start.helpers && chance.happens(BRANCHES)) {
        const ends: string[] = [];
        for (let helper = 0; helper < 2 + chance.below(3); helper += 1) {
          const own = {
            ...start,
            name: `${last}h${helper}`,
            pieces: [...known, fresh(chance.logNormal(150, 0.5))],
            after,
            steps: 2 + chance.below(3),
            helpers: false,
          };
          const end = yield* chain(own);
          if (end !== '') ends.push(end);
        }
        if (ends.length > 0) after = ends;
      }
      pieces = [...known, fresh(chance.logNormal(400, 1))];
    }
    return last;
  }

  for (let atMs = 0, run = 0; sent < size.requests; atMs += chance.gapMs(size.perSecond / (MEAN_STEPS * (1 + BRANCHES * 9))), run += 1) {
    const kind: Piece = { key: 1 + chance.popular(KINDS), tokens: SYSTEM_TOKENS };
    const steps = 1 + Math.round(chance.exponential(MEAN_STEPS - 1));
    yield* chain({ atMs, name: `a${run}`, session: `a${run}`, pieces: [kind, fresh(chance.logNormal(200, 0.8))], after: [], steps, helpers: true });
  }
}
