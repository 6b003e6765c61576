import type { SpanPatch, TraceEntry, TraceGiven } from './entry.ts';
import { cutText, LIMITS } from './limits.ts';

/**
 * Makes an entry fit to be kept: prompts and answers are taken out unless content is captured, and everything is cut
 * to the limits. What an application wrote must never reach the disk while capture is off.
 */
export function fitEntry(entry: TraceEntry, captureContent: boolean): TraceEntry {
  switch (entry.type) {
    case 'span':
      return { type: 'span', span: fitSpan(entry.span, captureContent) };
    case 'trace':
      return { type: 'trace', trace: { ...entry.trace, given: fitGiven(entry.trace.given, captureContent) } };
    case 'score':
      return entry;
  }
}

/** As {@link fitEntry}, for one span. */
export function fitSpan(span: SpanPatch, captureContent: boolean): SpanPatch {
  if (fits(span)) return span;
  const { input, output, ...rest } = span;
  return {
    ...rest,
    ...(rest.name === undefined ? {} : { name: cutText(rest.name, LIMITS.nameLength) }),
    ...(rest.statusMessage === undefined
      ? {}
      : { statusMessage: cutText(rest.statusMessage, captureContent ? LIMITS.messageLength : LIMITS.uncapturedLength) }),
    ...(rest.attributes === undefined ? {} : { attributes: fitAttributes(rest.attributes, captureContent) }),
    ...(captureContent && input !== undefined ? { input: fitContent(input, LIMITS.contentLength) } : {}),
    ...(captureContent && output !== undefined ? { output: fitContent(output, LIMITS.contentLength) } : {}),
  };
}

/** Nothing to take out and nothing to cut, as nearly always: the span stays as it is. */
function fits(span: SpanPatch): boolean {
  if (span.input !== undefined || span.output !== undefined) return false;
  if (tooLong(span.name, LIMITS.nameLength) || tooLong(span.statusMessage, LIMITS.uncapturedLength)) return false;
  let count = 0;
  for (const key in span.attributes) {
    count += 1;
    const value = span.attributes[key];
    if (count > LIMITS.attributesPerSpan || key.length > LIMITS.idLength) return false;
    if (typeof value !== 'number' && typeof value !== 'boolean' && (typeof value !== 'string' || value.length + 2 > LIMITS.uncapturedLength)) return false;
  }
  return true;
}

const tooLong = (text: string | undefined, length: number): boolean => text !== undefined && text.length > length;

function fitGiven(given: TraceGiven, captureContent: boolean): TraceGiven {
  const { input, output, metadata, ...rest } = given;
  return {
    ...rest,
    ...(rest.name === undefined ? {} : { name: cutText(rest.name, LIMITS.nameLength) }),
    ...(rest.tags === undefined ? {} : { tags: rest.tags.slice(0, 50).map((tag) => cutText(tag, LIMITS.uncapturedLength)) }),
    ...(metadata === undefined ? {} : { metadata: fitAttributes(metadata, captureContent) }),
    ...(captureContent && input !== undefined ? { input: fitContent(input, LIMITS.contentLength) } : {}),
    ...(captureContent && output !== undefined ? { output: fitContent(output, LIMITS.contentLength) } : {}),
  };
}

/** Numbers, truth values and short texts stay; the long ones stay only while content is captured. */
function fitAttributes(attributes: Readonly<Record<string, unknown>>, captureContent: boolean): Record<string, unknown> {
  const limit = captureContent ? LIMITS.attributeLength : LIMITS.uncapturedLength;
  let room = captureContent ? LIMITS.attributeLength * 10 : LIMITS.uncapturedLength * LIMITS.attributesPerSpan;
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(attributes).slice(0, LIMITS.attributesPerSpan)) {
    if (value === undefined) continue;
    const length = lengthOf(value);
    const fits = length <= Math.min(limit, room);
    kept[cutText(key, LIMITS.idLength)] = fits ? value : `[${length} characters, not kept]`;
    room -= fits ? length : 40;
  }
  return kept;
}

/** Characters that a value takes as JSON; for a text without its escapes, because nearly every attribute is a short text or a number. */
function lengthOf(value: unknown): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value === 'number' || typeof value === 'boolean') return 8;
  return JSON.stringify(value)?.length ?? 0;
}

function fitContent(value: unknown, limit: number): unknown {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.length <= limit ? value : `${text.slice(0, limit)}… [${text.length} characters]`;
}
