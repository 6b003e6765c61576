import { createHash } from 'node:crypto';
import type { ChunkSettings } from '../chunkers/chunk.ts';
import { LOADER_VERSION } from '../loaders/load-document.ts';

/** SHA-256 in hex. */
export function hashBytes(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Everything besides the file that decides its passages: a change of it reads the document again. */
export function fingerprintOf(settings: { chunking: ChunkSettings; embedding: string; maxUnpackedBytes: number; kind: string }): string {
  const { strategy, size, overlap } = settings.chunking;
  return hashBytes(JSON.stringify([LOADER_VERSION, settings.kind, strategy, size, overlap, settings.embedding, settings.maxUnpackedBytes])).slice(0, 16);
}

/** The same document of the same base has the same id in every ingestion. */
export function documentId(base: string, path: string): string {
  return `doc_${hashBytes(`${base}\0${path}`).slice(0, 20)}`;
}
