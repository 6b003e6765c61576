import type { Resource } from '@maru/api/resources';
import { stringify } from 'yaml';
import { checkResource, type LoadedResource } from '#resources';

/** A changed resource as if it had been written by hand. */
export function toLoaded(resource: Resource): LoadedResource {
  const checked = checkResource(resource).resource ?? resource;
  return { resource: checked, file: null, yaml: stringify(checked).trim(), placeOf: () => ({ line: 1, column: 1 }) };
}
