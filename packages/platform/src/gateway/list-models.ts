import { PlatformError } from '@maru/api/errors';
import type { ModelEntry, ModelList } from '@maru/api/wire';
import { findTarget, isAllowed } from './admit-call.ts';
import type { Catalogue, CatalogueEntry, Principal } from './ports.ts';

/** `GET /v1/models`: the names that the key may use. */
export function listModels(catalogue: Catalogue, principal: Principal): ModelList {
  const allowed = catalogue.list().filter((entry) => isAllowed(principal, entry.name));
  return { object: 'list', data: allowed.map(toModelEntry) };
}

/** `GET /v1/models/{id}`; ids may hold slashes. Throws `model_not_found` or `model_not_allowed`. */
export function getModel(catalogue: Catalogue, principal: Principal, path: string): ModelEntry {
  let name: string;
  try {
    name = decodeURIComponent(path);
  } catch (cause) {
    throw new PlatformError('invalid_request', { message: 'the name in the path is not valid percent-encoding', cause });
  }
  return toModelEntry(findTarget(catalogue, principal, name));
}

const toModelEntry = (entry: CatalogueEntry): ModelEntry => ({
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
});
