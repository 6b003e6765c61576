export type { BaseStatus } from './base-status.ts';
export { createKnowledge, type Knowledge, type KnowledgeOptions, type SearchOptions } from './create-knowledge.ts';
export type { DocumentDetail, DocumentInfo } from './document-info.ts';
export type { IngestEvent, IngestReport } from './ingest/ingest-report.ts';
export type { IngestProgress, IngestRequest } from './ingest/ingest-runs.ts';
export { DOCUMENT_KINDS, type DocumentKind } from './loaders/detect-kind.ts';
export type { FoundPassage, Passage } from './passage.ts';
export type { Embedder, FindEmbedder } from './ports.ts';
export type { SearchMode } from './search/search-base.ts';
