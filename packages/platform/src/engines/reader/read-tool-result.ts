import { z } from 'zod';
import type { ReaderPassage } from './reader-passage.ts';

const passagesSchema = z.looseObject({
  passages: z.array(
    z.looseObject({
      citation: z.string().nullish(),
      document: z.string().nullish(),
      heading: z.string().nullish(),
      page: z.number().nullish(),
      text: z.string(),
    }),
  ),
});
const pageSchema = z.looseObject({ url: z.string(), status: z.number().nullish(), title: z.string().nullish(), text: z.string() });
const resultSchema = z.looseObject({ expression: z.string().nullish(), result: z.union([z.number(), z.string(), z.boolean()]) });

/** What a tool gave back, by its form: passages of a knowledge tool, a page that was fetched, one value, or any other text. */
export type ToolResult =
  | { readonly type: 'passages'; readonly passages: readonly ReaderPassage[] }
  | { readonly type: 'page'; readonly status: number; readonly passages: readonly ReaderPassage[] }
  | { readonly type: 'value'; readonly expression: string | undefined; readonly value: string }
  | { readonly type: 'text'; readonly passages: readonly ReaderPassage[] };

export function readToolResult(tool: string, content: string): ToolResult {
  const json = parseJson(content);
  const found = passagesSchema.safeParse(json);
  if (found.success)
    return {
      type: 'passages',
      passages: found.data.passages.map((passage) => ({
        citation: passage.citation ?? citationOf(passage),
        heading: passage.heading ?? '',
        text: passage.text,
      })),
    };
  const page = pageSchema.safeParse(json);
  if (page.success)
    return { type: 'page', status: page.data.status ?? 200, passages: [{ citation: page.data.url, heading: page.data.title ?? '', text: page.data.text }] };
  const value = resultSchema.safeParse(json);
  if (value.success) return { type: 'value', expression: value.data.expression ?? undefined, value: String(value.data.result) };
  if (typeof json === 'number') return { type: 'value', expression: undefined, value: String(json) };
  const text = typeof json === 'object' && json !== null ? describeJson(json) : content.trim();
  return { type: 'text', passages: text === '' ? [] : [{ citation: tool, heading: '', text }] };
}

function citationOf(passage: { document?: string | null | undefined; heading?: string | null | undefined; page?: number | null | undefined }): string {
  const document = passage.document ?? 'passage';
  if (passage.page != null) return `${document} p. ${passage.page}`;
  return passage.heading ? `${document} § ${passage.heading}` : document;
}

/** Lines `name: value` for the leaves of an object. */
function describeJson(value: object, prefix = ''): string {
  return Object.entries(value)
    .slice(0, 200)
    .map(([name, entry]: [string, unknown]) =>
      typeof entry === 'object' && entry !== null ? describeJson(entry, `${prefix}${name} `) : `- ${prefix}${name}: ${String(entry)}`,
    )
    .join('\n');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
