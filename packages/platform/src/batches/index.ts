export { type BatchEndpoint, type BatchInfo, batchToWire } from './batch-info.ts';
export { type Batches, type BatchesOptions, createBatches } from './create-batches.ts';
export { FILE_PURPOSES, type FileInfo, type FilePurpose, fileToWire } from './file-info.ts';
export { createFiles, type Files, type FilesOptions, type NewFile } from './files.ts';
export type { BatchPorts, DeferredLine, LineReply, LineRequest, RemoteAnswer } from './ports.ts';
