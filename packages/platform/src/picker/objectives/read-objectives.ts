import { PlatformError } from '@maru/api/errors';
import { LineCounter, parseAllDocuments } from 'yaml';
import { z } from 'zod';

/** InferenceObjective of the inference extension, under its names before and after the move to llm-d; the priority is 0 where it is left out. */
export const objectiveSchema = z.looseObject({
  apiVersion: z.string().regex(/^(llm-d\.ai|inference\.networking\.x-k8s\.io)\//, 'must be of llm-d.ai or inference.networking.x-k8s.io'),
  kind: z.literal('InferenceObjective'),
  metadata: z.looseObject({ name: z.string().min(1) }),
  spec: z.looseObject({ priority: z.number().int().nullish() }),
});

/** Priorities by name out of the InferenceObjectives of a YAML text. Throws `config_invalid` with file and line. */
export function readObjectives(text: string, file: string): ReadonlyMap<string, number> {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const priorities = new Map<string, number>();
  for (const document of Array.isArray(documents) ? documents : []) {
    const fail = (offset: number, message: string): never => {
      throw new PlatformError('config_invalid', { message: `${file}:${Math.max(1, lines.linePos(offset).line)}: ${message}` });
    };
    const [broken] = document.errors;
    if (broken !== undefined) fail(broken.pos[0], broken.message);
    if (document.contents === null) continue;
    const found = objectiveSchema.safeParse(document.toJS({ maxAliasCount: 100 }));
    if (found.success) priorities.set(found.data.metadata.name, found.data.spec.priority ?? 0);
    else fail(document.contents.range?.[0] ?? 0, `${found.error.issues[0]?.path.join('.') ?? ''}: ${found.error.issues[0]?.message ?? ''}`);
  }
  return priorities;
}
