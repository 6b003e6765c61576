import type { RequestFacts } from './ports.ts';

const HEADERS = ['x-maru-tags', 'x-litellm-tags'];
const MAX_TAGS = 20;

type TaggedRequest = Pick<RequestFacts, 'headers' | 'value'> & { readonly fields: ReadonlyMap<string, unknown> };

/** Tags of a request, from its headers (between commas) and from `metadata.tags`; undefined without any. The body is parsed only when it has metadata. */
export function readTags({ headers, fields, value }: TaggedRequest): readonly string[] | undefined {
  let tags: Set<string> | undefined;
  for (const name of HEADERS) {
    const header = headers[name];
    if (header === undefined) continue;
    tags ??= new Set();
    for (const tag of header.split(',')) if (tag.trim() !== '') tags.add(tag.trim());
  }
  if (fields.has('metadata')) {
    tags ??= new Set();
    for (const tag of tagsInBody(value())) tags.add(tag);
  }
  return tags === undefined || tags.size === 0 ? undefined : [...tags].slice(0, MAX_TAGS);
}

function tagsInBody(value: Readonly<Record<string, unknown>>): readonly string[] {
  const { metadata } = value;
  const given = typeof metadata === 'object' && metadata !== null ? (metadata as { readonly tags?: unknown }).tags : undefined;
  return Array.isArray(given) ? given.filter((tag): tag is string => typeof tag === 'string' && tag !== '') : [];
}
