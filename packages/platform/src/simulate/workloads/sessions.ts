import type { TraceRequest } from '../trace/trace-request.ts';
import type { Chance } from './chance.ts';
import { type Piece, promptBlocks, tokensOf } from './prompt-blocks.ts';
import type { WorkloadSize } from './workload-size.ts';

const SYSTEM: Piece = { key: 1, tokens: 200 };
const MORE_TURNS = 0.75;
const THINK_MS = 15_000;

/** Conversations with a person, in the manner of ShareGPT: short questions, longer answers, each turn holds all before it. */
export function* sessions(size: WorkloadSize, chance: Chance): Generator<TraceRequest> {
  let key = 1000;
  let sent = 0;
  // A session has 1 / (1 − MORE_TURNS) turns in the mean.
  for (let atMs = 0, session = 0; sent < size.requests; atMs += chance.gapMs(size.perSecond * (1 - MORE_TURNS)), session += 1) {
    const pieces: Piece[] = [SYSTEM];
    for (let turn = 0; sent < size.requests && (turn === 0 || chance.happens(MORE_TURNS)); turn += 1) {
      const outputTokens = chance.logNormal(180, 0.9);
      pieces.push({ key: key++, tokens: chance.logNormal(60, 1) });
      sent += 1;
      yield {
        atMs,
        inputTokens: tokensOf(pieces),
        outputTokens,
        blocks: promptBlocks(pieces, size.blockTokens),
        id: `s${session}.${turn}`,
        session: `s${session}`,
        ...(turn === 0 ? {} : { after: [`s${session}.${turn - 1}`], delayMs: chance.exponential(THINK_MS) }),
      };
      pieces.push({ key: key++, tokens: outputTokens });
    }
  }
}
