import { z } from 'zod';
import { defineKind } from './define-kind.ts';
import { durationSchema, secretRefSchema, urlSchema } from './quantities.ts';

const toolServerSpecSchema = z.strictObject({
  description: z.string().optional(),
  transport: z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('stdio'),
      command: z.string().min(1),
      args: z.array(z.string()).default([]),
      env: z.record(z.string(), z.string()).default({}),
    }),
    z.strictObject({
      type: z.literal('http'),
      url: urlSchema,
      headers: z.record(z.string(), z.string()).default({}),
      bearer: secretRefSchema.optional(),
    }),
  ]),
  timeout: durationSchema.default('30s'),
});
export type ToolServerSpec = z.infer<typeof toolServerSpecSchema>;

export const toolServerKind = defineKind({
  kind: 'ToolServer',
  plural: 'toolservers',
  shortNames: ['ts'],
  description: 'A server of tools that speaks the Model Context Protocol over stdio or HTTP.',
  spec: toolServerSpecSchema,
  columns: [
    { name: 'Transport', type: 'string', jsonPath: '.spec.transport.type' },
    { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
  ],
});
