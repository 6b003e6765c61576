import type { TraceRequest } from '../trace/trace-request.ts';
import type { Chance } from './chance.ts';
import { type Piece, promptBlocks, tokensOf } from './prompt-blocks.ts';
import type { WorkloadSize } from './workload-size.ts';

const SYSTEM: Piece = { key: 1, tokens: 300 };
const DOCUMENTS = 400;
const DOCUMENT_TOKENS = 1500;
const PER_QUESTION = 3;

/** Questions to a knowledge base: each prompt holds some of the documents, well-known ones more often and first, then the question. */
export function* sharedDocuments(size: WorkloadSize, chance: Chance): Generator<TraceRequest> {
  for (let atMs = 0, sent = 0; sent < size.requests; atMs += chance.gapMs(size.perSecond), sent += 1) {
    const found = new Set<number>();
    while (found.size < PER_QUESTION) found.add(chance.popular(DOCUMENTS));
    const documents = [...found].sort((left, right) => left - right).map((document): Piece => ({ key: 10 + document, tokens: DOCUMENT_TOKENS }));
    const pieces: readonly Piece[] = [SYSTEM, ...documents, { key: 1000 + sent, tokens: chance.logNormal(40, 0.6) }];
    yield { atMs, inputTokens: tokensOf(pieces), outputTokens: chance.logNormal(200, 0.6), blocks: promptBlocks(pieces, size.blockTokens) };
  }
}
