import { z } from 'zod';
import type { KnowledgeSearch } from '../../ports.ts';
import type { Tool, ToolSpec } from '../tool.ts';

const argumentsSchema = z.strictObject({
  query: z.string().min(1).max(2_000).describe('What to look for, as a question or as key words.'),
});

/** Searches a knowledge base; the result names each passage, so that the answer can cite it. */
export function createKnowledgeTool(spec: ToolSpec<'knowledge'>, knowledge: KnowledgeSearch): Tool {
  return {
    name: spec.name,
    description: `Searches the documents of the knowledge base "${spec.knowledgeBase}" and returns passages with their citations.`,
    parameters: z.toJSONSchema(argumentsSchema),
    idempotent: true,
    async call(args, context) {
      const { query } = argumentsSchema.parse(args);
      const found = await context.span(`search ${spec.knowledgeBase}`, 'retrieval', (traceparent) =>
        knowledge.search({ knowledgeBase: spec.knowledgeBase, query, topK: spec.topK, context: { ...context, traceparent } }, context.signal),
      );
      // Models and the built-in reader rely on this form: these fields, in this order, and no others.
      const passages = found.map(({ citation, document, heading, page, text }) => ({ citation, document, heading, page, text }));
      return {
        content: JSON.stringify({ passages }),
        sources: passages.map((passage) => ({ ...passage, knowledgeBase: spec.knowledgeBase })),
      };
    },
  };
}
