import { z } from 'zod';
import { defineKind } from './define-kind.ts';

export const datasetRowSchema = z.strictObject({
  id: z.string().optional(),
  input: z.string().min(1),
  /** The answer that a person would accept. */
  expected: z.string().optional(),
  /** Files (or `file#heading`) that must be retrieved. */
  relevant: z.array(z.string()).optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
});
export type DatasetRow = z.infer<typeof datasetRowSchema>;

const datasetSpecSchema = z
  .strictObject({
    description: z.string().optional(),
    rows: z.array(datasetRowSchema).optional(),
    /** A JSONL or CSV file, relative to the file of this resource. */
    file: z.string().optional(),
  })
  .refine((spec) => (spec.rows === undefined) !== (spec.file === undefined), { message: 'needs exactly one of "rows" and "file"' })
  // The same rule for the API server, which can not run the refinement.
  .meta({ 'x-kubernetes-validations': [{ rule: 'has(self.rows) != has(self.file)', message: 'needs exactly one of "rows" and "file"' }] });
export type DatasetSpec = z.infer<typeof datasetSpecSchema>;

export const datasetKind = defineKind({
  kind: 'Dataset',
  plural: 'datasets',
  shortNames: ['ds'],
  description: 'Questions with expected answers and relevant passages.',
  spec: datasetSpecSchema,
  columns: [{ name: 'Rows', type: 'integer', jsonPath: '.status.rows' }],
});
