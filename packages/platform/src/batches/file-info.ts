export const FILE_PURPOSES = ['batch', 'user_data', 'assistants', 'fine-tune', 'vision', 'evals'] as const;
export type FilePurpose = (typeof FILE_PURPOSES)[number] | 'batch_output';

/** A file of a tenant. */
export interface FileInfo {
  readonly id: string;
  readonly tenant: string;
  readonly purpose: FilePurpose;
  readonly filename: string;
  readonly sizeBytes: number;
  readonly createdMs: number;
  readonly expiresMs: number | null;
}

/** The file object of the OpenAI API. */
export const fileToWire = (file: FileInfo): Record<string, unknown> => ({
  id: file.id,
  object: 'file',
  bytes: file.sizeBytes,
  created_at: Math.floor(file.createdMs / 1000),
  expires_at: file.expiresMs === null ? null : Math.floor(file.expiresMs / 1000),
  filename: file.filename,
  purpose: file.purpose,
  status: 'processed',
  status_details: null,
});
