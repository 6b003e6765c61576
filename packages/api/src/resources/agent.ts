import { z } from 'zod';
import { defineKind, refersTo } from './define-kind.ts';
import { nameSchema } from './metadata.ts';
import { durationSchema, urlSchema } from './quantities.ts';

/** A tool of an agent. */
const agentToolSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('knowledge'),
    name: nameSchema.default('search-knowledge'),
    knowledgeBase: nameSchema,
    topK: z.number().int().min(1).max(50).default(5),
  }),
  z.strictObject({ type: z.literal('calculator'), name: nameSchema.default('calculate') }),
  z.strictObject({
    type: z.literal('http'),
    name: nameSchema.default('fetch-url'),
    description: z.string().optional(),
    /** Fixed address; the model chooses it when absent, within `allowHosts`. */
    url: urlSchema.optional(),
    method: z.enum(['GET', 'POST']).default('GET'),
    allowHosts: z.array(z.string()).default([]),
  }),
  z.strictObject({ type: z.literal('mcp'), server: nameSchema, tools: z.array(z.string()).optional() }),
  z.strictObject({ type: z.literal('agent'), agent: nameSchema, description: z.string().optional() }),
]);
export type AgentTool = z.infer<typeof agentToolSchema>;

const agentSpecSchema = z.strictObject({
  description: z.string().optional(),
  /** A Model or Route. */
  model: nameSchema,
  instructions: z.string().min(1),
  graph: z.enum(['react', 'plan-execute-evaluate']).default('react'),
  tools: z.array(agentToolSchema).default([]),
  /** Calls of the model in one run; past it the run fails with `agent_loop`. */
  maxSteps: z.number().int().min(1).max(200).default(12),
  /** Of `plan-execute-evaluate`: how often a step may be tried when the evaluator says RETRY. */
  maxIterations: z.number().int().min(1).max(20).default(3),
  timeout: durationSchema.default('5m'),
  temperature: z.number().min(0).max(2).optional(),
  /** Tools that wait for a person's approval before they run. */
  approvals: z.array(z.string()).default([]),
  memory: z.strictObject({ messages: z.number().int().min(0).default(40) }).default({ messages: 40 }),
});
export type AgentSpec = z.infer<typeof agentSpecSchema>;

export const agentKind = defineKind({
  kind: 'Agent',
  plural: 'agents',
  shortNames: ['agt'],
  description: 'An agent: model, instructions, graph and tools; it answers as the model "agent/<name>".',
  spec: agentSpecSchema,
  columns: [
    { name: 'Model', type: 'string', jsonPath: '.spec.model' },
    { name: 'Graph', type: 'string', jsonPath: '.spec.graph' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
  ],
  references: (spec) => [
    refersTo(['Model', 'Route'], spec.model, 'model'),
    ...spec.tools.flatMap((tool, index) => {
      if (tool.type === 'knowledge') return [refersTo('KnowledgeBase', tool.knowledgeBase, 'tools', index, 'knowledgeBase')];
      if (tool.type === 'mcp') return [refersTo('ToolServer', tool.server, 'tools', index, 'server')];
      if (tool.type === 'agent') return [refersTo('Agent', tool.agent, 'tools', index, 'agent')];
      return [];
    }),
  ],
});
