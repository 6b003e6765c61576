import { cleanText } from './text.ts';

export type Facet = 'kind' | 'model';

const line = (facet: Facet, value: string): string => `\n${facet}:${cleanText(value).replaceAll('\n', ' ')}\n`;

/** What the spans of a trace can be asked for, each once and on a line of its own. */
export const toFacets = (spans: readonly { readonly kind: string; readonly model: string | null }[]): string =>
  [...new Set(spans.flatMap((span) => [line('kind', span.kind), ...(span.model === null ? [] : [line('model', span.model)])]))].sort().join('');

/** Pattern for `like … escape '\'` that finds a facet. */
export const facetPattern = (facet: Facet, value: string): string => `%${line(facet, value).replace(/[\\%_]/g, (character) => `\\${character}`)}%`;
