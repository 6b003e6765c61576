import { type Expression, type SqlBool, sql } from 'kysely';
import { cleanText } from './text.ts';

type Facet = 'kind' | 'model';

const line = (facet: Facet, value: string): string => `\n${facet}:${cleanText(value).replaceAll('\n', ' ')}\n`;

/** What the spans of a trace can be asked for, each once and on a line of its own. */
export function toFacets(spans: readonly { readonly kind: string; readonly model: string | null }[]): string {
  const lines: string[] = [];
  const add = (facet: string): void => {
    if (!lines.includes(facet)) lines.push(facet);
  };
  for (const { kind, model } of spans) {
    add(line('kind', kind));
    if (model !== null) add(line('model', model));
  }
  return lines.sort().join('');
}

/** A condition that holds where the column has the facet, letter by letter: `like` takes no notice of case in SQLite. */
export const hasFacet = (column: string, facet: Facet, value: string): Expression<SqlBool> =>
  sql<SqlBool>`replace(${sql.ref(column)}, ${line(facet, value)}, '') <> ${sql.ref(column)}`;
