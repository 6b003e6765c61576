import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';
import { takeQuestion } from './take-question.ts';

/** What decides whether two requests may share an answer. */
export interface CacheRequest {
  readonly tenant: string;
  readonly keyId: string;
  readonly user?: string | undefined;
  /** Public name that was asked for. */
  readonly model: string;
  /** What is asked for and in which wire format, for example `chat`. */
  readonly operation: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export type CacheScope = 'tenant' | 'key' | 'user';

/** Fields that do not change an answer. */
const IGNORED = new Set(['model', 'user', 'metadata', 'cache', 'guardrails', 'safety_identifier', 'prompt_cache_key']);

export interface KeyOptions {
  readonly scope: CacheScope;
  readonly namespace?: string | undefined;
}

/** The key of a request: a hash over the tenant, what narrows it, and everything that the answer depends on. */
export function requestKey(request: CacheRequest, options: KeyOptions): string {
  return hash([...circle(request, options), 'exact', relevant(request.body)]);
}

/**
 * For a search by meaning: the question, and a key over all the rest (tenant, model, system prompt, earlier turns, tools, response format,
 * parameters). Undefined when the request has no plain question at its end.
 */
export function meaningKey(request: CacheRequest, options: KeyOptions & { readonly embedding: string }): { facet: string; question: string } | undefined {
  const taken = takeQuestion(relevant(request.body));
  if (taken === undefined) return undefined;
  return { facet: hash([...circle(request, options), 'meaning', options.embedding, taken.rest]), question: taken.question };
}

/** Who shares; the tenant is always a part of it. */
function circle(request: CacheRequest, { scope, namespace }: KeyOptions): readonly unknown[] {
  const narrower = scope === 'tenant' ? null : scope === 'key' ? request.keyId : [request.keyId, request.user ?? null];
  return [1, request.tenant, scope, narrower, namespace ?? null, request.operation, request.model];
}

function relevant(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !IGNORED.has(name)));
}

const hash = (parts: readonly unknown[]): string => createHash('sha256').update(canonicalJson(parts)).digest('hex');
