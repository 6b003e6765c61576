import { z } from 'zod';
import { nameSchema } from './metadata.ts';
import { durationSchema, secretRefSchema, urlSchema } from './quantities.ts';

export const PII_KINDS = [
  'email',
  'card',
  'iban',
  'ip-address',
  'kr-resident-number',
  'kr-business-number',
  'kr-phone',
  'kr-passport',
  'kr-driver-licence',
  'us-ssn',
  'us-phone',
  'passport-mrz',
] as const;
export const SECRET_KINDS = [
  'aws-access-key',
  'aws-secret-key',
  'github-token',
  'openai-key',
  'anthropic-key',
  'google-api-key',
  'slack-token',
  'stripe-key',
  'private-key',
  'jwt',
  'high-entropy',
] as const;

const common = {
  /** Unique in the route; requests may ask for it in `guardrails`. */
  name: nameSchema,
  /** Applies to every request; off: only to those that name it. */
  default: z.boolean().default(true),
};
/** Checks of text in this process also watch streams while they pass. */
const local = {
  ...common,
  at: z.array(z.enum(['before', 'during', 'after'])).min(1),
};
const whole = { ...common, at: z.array(z.enum(['before', 'after'])).min(1) };
/** Checks that ask somebody else. */
const remote = {
  ...whole,
  /** Longest time for its answer. */
  budget: durationSchema.default('2s'),
  /** What happens to a request when it gives no answer in time: `closed` refuses it. */
  onFailure: z.enum(['open', 'closed']).default('closed'),
};
const mask = { action: z.enum(['block', 'mask', 'flag']).default('mask') };
const block = { action: z.enum(['block', 'flag']).default('block') };

const piiSchema = z.strictObject({
  type: z.literal('pii'),
  ...local,
  ...mask,
  kinds: z
    .array(z.enum(PII_KINDS))
    .min(1)
    .default([...PII_KINDS]),
  /** Puts the masked values of the prompt back into the answer. */
  unmask: z.boolean().default(true),
});

const secretsSchema = z.strictObject({
  type: z.literal('secrets'),
  ...local,
  ...mask,
  kinds: z
    .array(z.enum(SECRET_KINDS))
    .min(1)
    .default([...SECRET_KINDS]),
  unmask: z.boolean().default(false),
});

const denySchema = z
  .strictObject({
    type: z.literal('deny'),
    ...local,
    action: z.enum(['block', 'mask', 'flag']).default('block'),
    /** Words and phrases, whatever their case. */
    phrases: z.array(z.string().min(2).max(200)).max(10_000).default([]),
    /** Regular expressions of RE2: no references back, no looking around, linear time. */
    patterns: z.array(z.string().min(1).max(500)).max(100).default([]),
  })
  .refine((deny) => deny.phrases.length + deny.patterns.length > 0, { path: ['phrases'], message: 'give at least one phrase or pattern' });

const injectionSchema = z.strictObject({
  type: z.literal('injection'),
  ...local,
  ...block,
  /** From 0 to 1; lower finds more and errs more. */
  threshold: z.number().min(0.1).max(1).default(0.5),
});

const lengthSchema = z.strictObject({
  type: z.literal('length'),
  ...whole,
  ...block,
  /** Characters of all texts together. */
  maxChars: z.number().int().positive(),
  minChars: z.number().int().nonnegative().default(0),
});

const jsonSchemaSchema = z.strictObject({
  type: z.literal('json-schema'),
  ...common,
  at: z
    .array(z.enum(['after']))
    .min(1)
    .default(['after']),
  ...block,
  /** JSON Schema that the text of the answer must match. */
  schema: z.record(z.string(), z.unknown()),
});

const topicSchema = z
  .strictObject({
    type: z.literal('topic'),
    ...remote,
    ...block,
    /** The Model that embeds. */
    embedding: nameSchema,
    /** Texts like these are refused. */
    deny: z.array(z.string().min(1).max(2000)).max(200).default([]),
    /** Where given, only texts like these pass. */
    allow: z.array(z.string().min(1).max(2000)).max(200).default([]),
    threshold: z.number().min(0).max(1).default(0.5),
  })
  .refine((topic) => topic.deny.length + topic.allow.length > 0, { path: ['deny'], message: 'give examples to deny or to allow' });

const webhookSchema = z.strictObject({
  type: z.literal('webhook'),
  ...remote,
  action: z.enum(['block', 'mask', 'flag']).default('block'),
  url: urlSchema,
  /** Sent as `authorization: Bearer …`. */
  token: secretRefSchema.optional(),
});

const moderationSchema = z.strictObject({
  type: z.literal('moderation'),
  ...remote,
  ...block,
  /** A service that speaks OpenAI's moderations. */
  url: urlSchema.default('https://api.openai.com/v1/moderations'),
  model: z.string().min(1).default('omni-moderation-latest'),
  token: secretRefSchema.optional(),
  /** Least score per category; without any, what the service itself flags. */
  categories: z.record(z.string(), z.number().min(0).max(1)).default({}),
});

export const routeGuardrailSchema = z.discriminatedUnion('type', [
  piiSchema,
  secretsSchema,
  denySchema,
  injectionSchema,
  lengthSchema,
  jsonSchemaSchema,
  topicSchema,
  webhookSchema,
  moderationSchema,
]);
export type RouteGuardrail = z.infer<typeof routeGuardrailSchema>;
