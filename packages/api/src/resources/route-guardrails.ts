import { z } from 'zod';
import { type Reference, refersTo } from './define-kind.ts';
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

const STAGES = ['before', 'during', 'after'] as const;
const ACTIONS = ['block', 'mask', 'flag'] as const;
type Stage = (typeof STAGES)[number];
type Action = (typeof ACTIONS)[number];

// Fields of one name have one type in all kinds of guardrails, as a CRD wants it; what a kind allows of it is checked by `allows`.
const action = z.enum(ACTIONS);
const kinds = z.array(z.enum([...PII_KINDS, ...SECRET_KINDS])).min(1);
const threshold = z.number().min(0).max(1);
const common = {
  /** Unique in its list; requests may ask for it in `guardrails`. */
  name: nameSchema,
  /** Applies to every request; off: only to those that name it. */
  default: z.boolean().default(true),
  /** `before` looks at prompts, `after` at answers, `during` at answers while they stream. */
  at: z.array(z.enum(STAGES)).min(1),
};
/** Checks that ask somebody else. */
const remote = {
  ...common,
  /** Longest time for its answer. */
  budget: durationSchema.default('2s'),
  /** What happens to a request when it gives no answer in time: `closed` refuses it. */
  onFailure: z.enum(['open', 'closed']).default('closed'),
};

interface Allowed {
  readonly at: readonly Stage[];
  readonly actions: readonly Action[];
  readonly kinds?: readonly string[];
}

/** Says which stages, actions and kinds a kind of guardrail does not have. */
const allows =
  (allowed: Allowed) =>
  (
    spec: { readonly type: string; readonly at: readonly Stage[]; readonly action: Action; readonly kinds?: readonly string[] },
    context: z.RefinementCtx,
  ): void => {
    const refuse = (path: string, wrong: string, right: readonly string[]): void =>
      context.addIssue({ code: 'custom', path: [path], message: `"${spec.type}" does not know "${wrong}" here; use ${right.join(', ')}` });
    for (const stage of spec.at) if (!allowed.at.includes(stage)) refuse('at', stage, allowed.at);
    if (!allowed.actions.includes(spec.action)) refuse('action', spec.action, allowed.actions);
    for (const kind of spec.kinds ?? []) if (allowed.kinds !== undefined && !allowed.kinds.includes(kind)) refuse('kinds', kind, allowed.kinds);
  };
const WHOLE: readonly Stage[] = ['before', 'after'];
const REFUSES: readonly Action[] = ['block', 'flag'];

const piiSchema = z
  .strictObject({
    type: z.literal('pii'),
    ...common,
    action: action.default('mask'),
    kinds: kinds.default([...PII_KINDS]),
    /** Puts the masked values of the prompt back into the answer. */
    unmask: z.boolean().default(true),
  })
  .superRefine(allows({ at: STAGES, actions: ACTIONS, kinds: PII_KINDS }));

const secretsSchema = z
  .strictObject({
    type: z.literal('secrets'),
    ...common,
    action: action.default('mask'),
    kinds: kinds.default([...SECRET_KINDS]),
    unmask: z.boolean().default(false),
  })
  .superRefine(allows({ at: STAGES, actions: ACTIONS, kinds: SECRET_KINDS }));

const denySchema = z
  .strictObject({
    type: z.literal('deny'),
    ...common,
    action: action.default('block'),
    /** Words and phrases, whatever their case. */
    phrases: z.array(z.string().min(2).max(200)).max(10_000).default([]),
    /** Regular expressions of RE2: no references back, no looking around, linear time. */
    patterns: z.array(z.string().min(1).max(500)).max(100).default([]),
  })
  .refine((deny) => deny.phrases.length + deny.patterns.length > 0, { path: ['phrases'], message: 'give at least one phrase or pattern' });

const injectionSchema = z
  .strictObject({
    type: z.literal('injection'),
    ...common,
    action: action.default('block'),
    /** From 0 to 1; lower finds more and errs more. */
    threshold: threshold.default(0.5),
  })
  .superRefine(allows({ at: STAGES, actions: REFUSES }));

const lengthSchema = z
  .strictObject({
    type: z.literal('length'),
    ...common,
    action: action.default('block'),
    /** Characters of all texts together. */
    maxChars: z.number().int().positive(),
    minChars: z.number().int().nonnegative().default(0),
  })
  .superRefine(allows({ at: WHOLE, actions: REFUSES }));

/** Keywords whose time is not linear in the text, or that reach outside. */
const REFUSED_KEYWORDS = ['pattern', '$ref'];

/** A property may be called like a keyword: there its value is a schema and no text. */
function findKeyword(value: unknown, depth: number): string | undefined {
  if (typeof value !== 'object' || value === null || depth > 50) return undefined;
  for (const [name, inner] of Object.entries(value)) {
    if (name === 'patternProperties' || (REFUSED_KEYWORDS.includes(name) && typeof inner !== 'object')) return name;
    const found = findKeyword(inner, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

const jsonSchemaSchema = z
  .strictObject({
    type: z.literal('json-schema'),
    ...common,
    at: common.at.default(['after']),
    action: action.default('block'),
    /** JSON Schema that the text of the answer must match. */
    schema: z.record(z.string(), z.unknown()).superRefine((schema, context) => {
      const keyword = findKeyword(schema, 0);
      if (keyword !== undefined) context.addIssue({ code: 'custom', message: `a guardrail can not use "${keyword}"; leave it out` });
    }),
  })
  .superRefine(allows({ at: ['after'], actions: REFUSES }));

const topicSchema = z
  .strictObject({
    type: z.literal('topic'),
    ...remote,
    action: action.default('block'),
    /** The Model that embeds. */
    embedding: nameSchema,
    /** Texts like these are refused. */
    deny: z.array(z.string().min(1).max(2000)).max(200).default([]),
    /** Where given, only texts like these pass. */
    allow: z.array(z.string().min(1).max(2000)).max(200).default([]),
    threshold: threshold.default(0.5),
  })
  .superRefine(allows({ at: WHOLE, actions: REFUSES }))
  .refine((topic) => topic.deny.length + topic.allow.length > 0, { path: ['deny'], message: 'give examples to deny or to allow' });

const webhookSchema = z
  .strictObject({
    type: z.literal('webhook'),
    ...remote,
    action: action.default('block'),
    url: urlSchema,
    /** Sent as `authorization: Bearer …`. */
    token: secretRefSchema.optional(),
  })
  .superRefine(allows({ at: WHOLE, actions: ACTIONS }));

const moderationSchema = z
  .strictObject({
    type: z.literal('moderation'),
    ...remote,
    action: action.default('block'),
    /** A service that speaks OpenAI's moderations. */
    url: urlSchema.default('https://api.openai.com/v1/moderations'),
    model: z.string().min(1).default('omni-moderation-latest'),
    token: secretRefSchema.optional(),
    /** Least score per category; without any, what the service itself flags. */
    categories: z.record(z.string(), z.number().min(0).max(1)).default({}),
  })
  .superRefine(allows({ at: WHOLE, actions: REFUSES }));

const routeGuardrailSchema = z.discriminatedUnion('type', [
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

/** Guardrails in their order. */
export const guardrailsSchema = z
  .array(routeGuardrailSchema)
  .max(32)
  .refine((list) => new Set(list.map((each) => each.name)).size === list.length, { message: 'names of guardrails must be different' })
  .default([]);

/** What guardrails refer to. */
export const guardrailReferences = (guardrails: readonly RouteGuardrail[]): readonly Reference[] =>
  guardrails.flatMap((guardrail, index) => (guardrail.type === 'topic' ? [refersTo('Model', guardrail.embedding, 'guardrails', index, 'embedding')] : []));

export type RouteGuardrail = z.infer<typeof routeGuardrailSchema>;
