import { nanoToUsd } from '@maru/api/records';
import type { Costs } from '@maru/api/wire';
import { saveFile } from '../../api/save-file.ts';

/** A field of RFC 4180; a leading sign of a formula is defused, because spreadsheets run it. */
export function csvField(value: string | number): string {
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const HEADER = [
  'group',
  'label',
  'requests',
  'errors',
  'prompt_tokens',
  'completion_tokens',
  'input_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'output_tokens',
  'reasoning_tokens',
  'cost_usd',
  'unpriced_requests',
  'simulated',
] as const;

/** The table as a file, every number in full; empty where a bucket is not kept. */
export function costsCsv(costs: Costs): string {
  const lines = costs.rows.map((row) =>
    [
      row.group,
      row.label,
      row.requests,
      row.errors,
      row.promptTokens,
      row.completionTokens,
      row.usage?.inputTokens ?? '',
      row.usage?.cacheReadTokens ?? '',
      row.usage?.cacheWriteTokens ?? '',
      row.usage?.outputTokens ?? '',
      row.usage?.reasoningTokens ?? '',
      nanoToUsd(row.costNanoUsd).toFixed(9),
      row.unpriced,
      String(row.simulated),
    ]
      .map(csvField)
      .join(','),
  );
  return `${[HEADER.join(','), ...lines].join('\r\n')}\r\n`;
}

/** Hands a text to the browser as a download; the mark at its head tells spreadsheets that it is UTF-8. */
export const downloadText = (name: string, text: string): void => saveFile(new Blob([`\uFEFF${text}`], { type: 'text/csv;charset=utf-8' }), name);
