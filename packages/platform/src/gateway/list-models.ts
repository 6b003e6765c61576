import type { IncomingHttpHeaders } from 'node:http';
import { PlatformError } from '@maru/api/errors';
import type { ModelEntry } from '@maru/api/wire';
import { checkNamed, findTarget, isAllowed } from './admit-call.ts';
import type { Catalogue, CatalogueEntry, Principal } from './ports.ts';

const PATH = /^\/v1(beta|alpha)?\/models(?:\/(.+))?$/;

export const isModelsPath = (path: string): boolean => PATH.test(path);

export interface ReadModelsOptions {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly catalogue: Catalogue;
  readonly principal: Principal;
}

/**
 * The names that the key may use, or one of them; ids may hold slashes. In the shape of Google below `/v1beta`, of Anthropic for its
 * clients, else of OpenAI. Throws `model_not_found` or `model_not_allowed`.
 */
export function readModels({ path, headers, catalogue, principal }: ReadModelsOptions): object {
  const [, beta, name] = PATH.exec(path) ?? [];
  const shape = beta !== undefined ? GOOGLE : headers['anthropic-version'] !== undefined ? ANTHROPIC : OPENAI;
  if (name !== undefined) {
    const entry = findTarget(catalogue, principal, decode(name));
    checkNamed(entry, false);
    return shape.one(entry);
  }
  return shape.list(catalogue.list().filter((entry) => entry.closed !== true && isAllowed(principal, entry.name)));
}

interface ListShape {
  one(entry: CatalogueEntry): object;
  list(entries: readonly CatalogueEntry[]): object;
}

const OPENAI: ListShape = {
  one: (entry): ModelEntry => ({
    id: entry.name,
    object: 'model',
    created: Math.floor(entry.createdMs / 1000),
    owned_by: entry.ownedBy,
    maru: {
      kind: entry.kind,
      simulated: entry.simulated,
      ...(entry.description === undefined ? {} : { description: entry.description }),
      ...(entry.capabilities === undefined ? {} : { capabilities: [...entry.capabilities] }),
      ...(entry.contextWindow === undefined ? {} : { context_window: entry.contextWindow }),
    },
  }),
  list: (entries) => ({ object: 'list', data: entries.map((entry) => OPENAI.one(entry)) }),
};

const ANTHROPIC: ListShape = {
  one: (entry) => ({ type: 'model', id: entry.name, display_name: entry.description ?? entry.name, created_at: new Date(entry.createdMs).toISOString() }),
  list: (entries) => ({
    data: entries.map((entry) => ANTHROPIC.one(entry)),
    has_more: false,
    first_id: entries[0]?.name ?? null,
    last_id: entries.at(-1)?.name ?? null,
  }),
};

const GOOGLE: ListShape = {
  one: (entry) => ({
    name: `models/${entry.name}`,
    displayName: entry.name,
    ...(entry.description === undefined ? {} : { description: entry.description }),
    ...(entry.contextWindow === undefined ? {} : { inputTokenLimit: entry.contextWindow }),
    supportedGenerationMethods: ['generateContent', 'streamGenerateContent', 'countTokens'],
  }),
  list: (entries) => ({ models: entries.map((entry) => GOOGLE.one(entry)) }),
};

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw new PlatformError('invalid_request', { message: 'the name in the path is not valid percent-encoding', cause });
  }
}
