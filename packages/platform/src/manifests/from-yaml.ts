import { PlatformError } from '@maru/api/errors';
import { parseAllDocuments } from 'yaml';
import type { KubeManifest } from './manifest.ts';

/** Far more than a person writes; an alias bomb stops at the library's own limit. */
const MAX_BYTES = 16 * 1024 * 1024;

/** The objects of a YAML stream, empty documents left out. Throws `yaml_syntax` with the line. */
export function fromYaml(text: string): readonly KubeManifest[] {
  if (Buffer.byteLength(text) > MAX_BYTES) throw new PlatformError('yaml_syntax', { message: `the YAML is larger than ${MAX_BYTES} bytes; split it` });
  return parseAllDocuments(text).flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw new PlatformError('yaml_syntax', { message: error.message });
    let value: unknown;
    try {
      value = document.toJS({ maxAliasCount: 100 });
    } catch (cause) {
      throw new PlatformError('yaml_syntax', { message: cause instanceof Error ? cause.message : String(cause), cause });
    }
    if (value === null) return [];
    if (!isManifest(value))
      throw new PlatformError('yaml_syntax', { message: 'a document is no Kubernetes object: it needs apiVersion, kind and metadata.name' });
    return [value];
  });
}

function isManifest(value: unknown): value is KubeManifest {
  const object = value as { apiVersion?: unknown; kind?: unknown; metadata?: { name?: unknown } | null };
  return typeof value === 'object' && typeof object.apiVersion === 'string' && typeof object.kind === 'string' && typeof object.metadata?.name === 'string';
}
