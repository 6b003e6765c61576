import { isPlatformError, PlatformError } from '@maru/api/errors';
import type { KnowledgeBaseSpec } from '@maru/api/resources';
import type { Store } from '#store';
import type { Clock } from '#time';
import type { Chunk } from '../chunkers/chunk.ts';
import { chunkDocument } from '../chunkers/chunk-document.ts';
import type { LoadedDocument } from '../loaders/loaded-document.ts';
import { titleOfPath } from '../loaders/title-of-path.ts';
import type { DocumentLoader } from '../loading/document-loader.ts';
import type { Embedder } from '../ports.ts';
import { indexText } from '../search/index-text.ts';
import type { SourceFile } from '../sources/source-file.ts';
import { type DocumentWrite, writeDocument } from './document-store.ts';
import { documentId, fingerprintOf, hashBytes } from './fingerprint.ts';
import { readSourceFile } from './read-source-file.ts';

/** Small enough that other requests get their turn in between. */
const TEXTS_PER_EMBED = 16;
const MAX_PASSAGES = 100_000;

export interface KnownDocument {
  readonly hash: string;
  readonly fingerprint: string;
  readonly state: string;
  readonly passages: number;
  readonly error_code: string | null;
  readonly error_message: string | null;
}

export interface DocumentOutcome {
  readonly outcome: 'ingested' | 'unchanged' | 'failed';
  readonly passages: number;
  readonly error: { readonly code: string; readonly message: string } | null;
}

export interface IngestDocumentOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly embedder: Embedder;
  readonly loader: DocumentLoader;
  readonly base: string;
  readonly spec: KnowledgeBaseSpec;
  readonly file: SourceFile;
  readonly known: KnownDocument | undefined;
  readonly signal: AbortSignal;
}

/** Brings one document up to date. A bad document is written down as failed; only a fault of embedding or storage is thrown. */
export async function ingestDocument(options: IngestDocumentOptions): Promise<DocumentOutcome> {
  const { base, spec, file, known, embedder, signal } = options;
  const { maxDocumentBytes, maxUnpackedBytes } = spec.limits;
  const fingerprint = fingerprintOf({ chunking: spec.chunking, embedding: embedder.name, maxUnpackedBytes, kind: file.kind });
  const facts = { id: documentId(base, file.path), base, path: file.path, kind: file.kind, fingerprint, embedding: embedder.name };
  let bytes: Uint8Array = new Uint8Array(0);
  let hash = '';
  let document: LoadedDocument;
  let chunks: Chunk[];
  try {
    bytes = await readSourceFile(file, maxDocumentBytes);
    hash = hashBytes(bytes);
    if (known?.hash === hash && known.fingerprint === fingerprint) return outcomeOfKnown(known);
    document = await options.loader.load(file.kind, { path: file.path, bytes, maxUnpackedBytes, signal });
    chunks = chunkDocument(document, spec.chunking);
    if (chunks.length > MAX_PASSAGES)
      throw new PlatformError('document_too_large', {
        message: `${file.path} makes more than ${MAX_PASSAGES} passages: split it`,
        details: { path: file.path },
      });
  } catch (error) {
    if (!isPlatformError(error) || !error.code.startsWith('document_')) throw error;
    // Another time the machine may be less busy: without a fingerprint the next ingestion tries again.
    const kept = error.details['again'] === true ? { ...facts, fingerprint: '' } : facts;
    await write(options, { ...kept, hash, bytes: bytes.length, title: titleOfPath(file.path), text: '', note: null, error, chunks: [], vectors: [] });
    return { outcome: 'failed', passages: 0, error: { code: error.code, message: error.message } };
  }
  const texts = chunks.map((chunk) => indexText({ title: document.title, headings: chunk.headings, text: document.text.slice(chunk.start, chunk.end) }));
  const vectors = await embedAll(embedder, texts, signal);
  await write(options, {
    ...facts,
    hash,
    bytes: bytes.length,
    title: document.title,
    text: document.text,
    note: document.note ?? null,
    error: null,
    chunks,
    vectors,
  });
  return { outcome: 'ingested', passages: chunks.length, error: null };
}

function outcomeOfKnown(known: KnownDocument): DocumentOutcome {
  const failed = known.state === 'failed';
  return {
    outcome: failed ? 'failed' : 'unchanged',
    passages: known.passages,
    error: failed ? { code: known.error_code ?? 'document_unreadable', message: known.error_message ?? '' } : null,
  };
}

async function write(options: IngestDocumentOptions, document: Omit<DocumentWrite, 'ingestedMs'>): Promise<void> {
  options.signal.throwIfAborted();
  await writeDocument(options.store, { ...document, ingestedMs: options.clock.nowMs() });
}

async function embedAll(embedder: Embedder, texts: readonly string[], signal: AbortSignal): Promise<Float32Array[]> {
  const vectors: Float32Array[] = [];
  for (let from = 0; from < texts.length; from += TEXTS_PER_EMBED) {
    signal.throwIfAborted();
    const batch = texts.slice(from, from + TEXTS_PER_EMBED);
    const made = await embedder.embed(batch, signal);
    const length = embedder.dimension ?? vectors[0]?.length ?? made[0]?.length ?? 0;
    if (made.length !== batch.length || made.some((vector) => vector.length !== length))
      throw new PlatformError('upstream_garbage', {
        message: `the model "${embedder.name}" answered ${batch.length} texts with ${made.length} vectors, or with vectors of another length than ${length}`,
      });
    vectors.push(...made);
  }
  return vectors;
}
