import type { FieldRange } from './json-scan.ts';
import type { ParsedRequest } from './parse-request.ts';

const ASK_USAGE = '"stream_options":{"include_usage":true},';

/**
 * The bytes for an engine: the value of `model` replaced, and a streamed request asking for its usage. Everything else is copied, never
 * parsed and written again.
 */
export function spliceRequest(request: ParsedRequest, servedName: string): Buffer {
  const edits: { readonly range: FieldRange; readonly text: string }[] = [];
  const model = request.fields.get('model');
  if (model !== undefined && servedName !== request.model) edits.push({ range: model, text: JSON.stringify(servedName) });
  if (request.stream && !request.wantsUsage) edits.push(askUsage(request));
  if (edits.length === 0) return request.bytes;
  edits.sort((left, right) => left.range.start - right.range.start);

  const parts: Buffer[] = [];
  let from = 0;
  for (const { range, text } of edits) {
    parts.push(request.bytes.subarray(from, range.start), Buffer.from(text));
    from = range.end;
  }
  parts.push(request.bytes.subarray(from));
  return Buffer.concat(parts);
}

function askUsage(request: ParsedRequest): { readonly range: FieldRange; readonly text: string } {
  const range = request.fields.get('stream_options');
  if (range === undefined) {
    const first = request.bytes.indexOf('{') + 1;
    return { range: { start: first, end: first }, text: ASK_USAGE };
  }
  const options = JSON.parse(request.bytes.toString('utf8', range.start, range.end)) as Record<string, unknown> | null;
  return { range, text: JSON.stringify({ ...options, include_usage: true }) };
}
