import { PlatformError } from '@maru/api/errors';
import type { Call } from './call.ts';
import type { Operation } from './door.ts';
import { nearestNames } from './nearest-names.ts';
import type { Admission, Awaitable, Catalogue, CatalogueEntry, Principal, Reservation } from './ports.ts';
import { readTags } from './read-tags.ts';

/** The target of a name. Throws `model_not_found` with names that are near, `model_not_allowed` when the key may not use it. */
export function findTarget(catalogue: Catalogue, principal: Principal, name: string): CatalogueEntry {
  const target = catalogue.find(name);
  if (target === undefined) {
    const near = nearestNames(
      name,
      catalogue
        .list()
        .filter((entry) => entry.closed !== true && isAllowed(principal, entry.name))
        .map((entry) => entry.name),
    );
    const hint = near.length === 0 ? 'list the names with GET /v1/models' : `did you mean ${near.map((candidate) => `"${candidate}"`).join(' or ')}?`;
    throw new PlatformError('model_not_found', { message: `no model is called "${name.slice(0, 200)}"; ${hint}`, details: { param: 'model', near } });
  }
  if (!isAllowed(principal, target.name) && !isAllowed(principal, name)) {
    throw new PlatformError('model_not_allowed', { message: `the key does not allow the model "${target.name}"`, details: { param: 'model' } });
  }
  return target;
}

/**
 * Throws `model_not_allowed` for a name that requests may not use: what its Routes check must not be gone around. Agents and the like have
 * been told its name by whoever runs the platform.
 */
export function checkNamed(target: CatalogueEntry, isInternal: boolean): void {
  if (target.closed !== true || isInternal) return;
  throw new PlatformError('model_not_allowed', {
    message: `"${target.name}" can not be asked for by its name; ask for a Route that leads to it`,
    details: { param: 'model' },
  });
}

/** The model of a request that names none: the only one of the key that can do it. Throws `invalid_request`. */
export function onlyTarget(catalogue: Catalogue, principal: Principal, operation: Operation): CatalogueEntry {
  const wanted = CAPABILITY_OF[operation];
  const able = catalogue
    .list()
    .filter((entry) => entry.closed !== true && isAllowed(principal, entry.name) && wanted !== undefined && entry.capabilities?.includes(wanted) === true);
  const [only] = able;
  if (only !== undefined && able.length === 1) return only;
  const names = able.map((entry) => `"${entry.name}"`).join(', ');
  throw new PlatformError('invalid_request', {
    message: able.length === 0 ? `"model" is missing, and no model offers ${operation}` : `"model" is missing; it can be one of ${names}`,
    details: { param: 'model' },
  });
}

/** What a model must offer for an operation; nothing for operations of every model. */
const CAPABILITY_OF: Readonly<Partial<Record<Operation, string>>> = {
  chat: 'chat',
  completions: 'completions',
  embeddings: 'embeddings',
  moderations: 'moderations',
  images: 'images',
  'image-edits': 'images',
  speech: 'speech',
  transcriptions: 'transcriptions',
  translations: 'transcriptions',
  rerank: 'rerank',
  score: 'score',
};

/** Whether a key may use a public name. */
export const isAllowed = (principal: Principal, name: string): boolean => principal.allows?.(name) ?? true;

/** Refuses what the target can not do, before it costs anything; throws `not_supported` or `context_length_exceeded`. */
function checkCapabilities(call: Call): void {
  const { capabilities, contextWindow, name } = call.target;
  const { request, operation } = call;
  if (capabilities !== undefined) {
    const wanted = CAPABILITY_OF[operation];
    if (wanted !== undefined && !capabilities.includes(wanted)) throw unsupported(name, wanted, capabilities);
    if (request.tools && !capabilities.includes('tools')) throw unsupported(name, 'tools', capabilities);
    if (request.images && !capabilities.includes('vision')) throw unsupported(name, 'vision', capabilities);
  }
  if (contextWindow !== undefined && request.maxTokens !== undefined && request.maxTokens > contextWindow) {
    throw new PlatformError('context_length_exceeded', {
      message: `"${name}" has a context of ${contextWindow} tokens; the request asks for ${request.maxTokens} tokens of answer alone`,
      details: { param: 'max_tokens', contextWindow },
    });
  }
}

const unsupported = (name: string, what: string, capabilities: readonly string[]): PlatformError =>
  new PlatformError('not_supported', { message: `"${name}" does not support ${what}; it supports ${capabilities.join(', ')}` });

/** Guards first, then the reservation: a request that is refused never holds one. */
export function admitCall(call: Call, ports: { readonly admission: Admission }): Awaitable<Reservation> {
  checkCapabilities(call);
  return ports.admission.admit({
    requestId: call.requestId,
    traceId: call.traceId,
    principal: call.principal,
    payee: call.payee,
    operation: call.operation,
    requestedModel: call.target.name,
    promptTokens: call.request.promptTokens,
    maxTokens: call.request.maxTokens,
    tags: readTags({ headers: call.facts.headers, fields: call.request.fields, value: call.request.value }),
  });
}
