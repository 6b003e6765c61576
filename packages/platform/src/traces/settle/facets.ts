import { type Expression, type SqlBool, sql } from 'kysely';
import { cleanText } from './text.ts';

type Facet = 'kind' | 'model';

const line = (facet: Facet, value: string): string => {
  const text = cleanText(value);
  return `\n${facet}:${text.includes('\n') ? text.replaceAll('\n', ' ') : text}\n`;
};

/** What the spans of a trace can be asked for, each once and on a line of its own, in the order of the spans. */
export function toFacets(inOrder: readonly { readonly kind: string; readonly model: string | null }[]): string {
  const kinds = new Set<string>();
  const models = new Set<string>();
  for (const { kind, model } of inOrder) {
    kinds.add(kind);
    if (model !== null) models.add(model);
  }
  let text = '';
  for (const kind of kinds) text += line('kind', kind);
  for (const model of models) text += line('model', model);
  return text;
}

/** A condition that holds where the column has the facet, letter by letter: `like` takes no notice of case in SQLite. */
export const hasFacet = (column: string, facet: Facet, value: string): Expression<SqlBool> =>
  sql<SqlBool>`replace(${sql.ref(column)}, ${line(facet, value)}, '') <> ${sql.ref(column)}`;
