import { type Usage, ZERO_USAGE } from '@maru/api/records';
import { fromWireUsage } from '@maru/api/wire';

type Json = Readonly<Record<string, unknown>>;

const MARK = '"usage"';
/** A report is never longer. */
const MAX_REPORT = 4096;

/**
 * The usage in the beginning and the end of an answer, whole or streamed, in the formats that model servers speak: those of OpenAI, and
 * Anthropic's, whose prompt is told in the first event and whose answer in the last.
 */
export function readReport(head: string, tail: string): Usage | undefined {
  const last = lastReport(tail);
  if (last === undefined) return undefined;
  const first = 'input_tokens' in last || 'prompt_tokens' in last ? last : { ...lastReport(head), ...last };
  return 'prompt_tokens' in first ? openaiUsage(first) : tokensUsage(first);
}

function lastReport(text: string): Json | undefined {
  for (let at = text.lastIndexOf(MARK); at >= 0; at = at === 0 ? -1 : text.lastIndexOf(MARK, at - 1)) {
    const found = objectAt(text, at + MARK.length);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The object after a colon; undefined where another thing stands there, such as null. */
function objectAt(text: string, from: number): Json | undefined {
  const open = /^\s*:\s*\{/.exec(text.slice(from, from + 32));
  if (open === null) return undefined;
  const start = from + open[0].length - 1;
  let depth = 0;
  for (let at = start; at < Math.min(text.length, start + MAX_REPORT); at += 1) {
    if (text[at] === '{') depth += 1;
    if (text[at] !== '}') continue;
    depth -= 1;
    if (depth > 0) continue;
    try {
      return JSON.parse(text.slice(start, at + 1)) as Json;
    } catch {
      return undefined;
    }
  }
  return undefined;
}

function openaiUsage(report: Json): Usage | undefined {
  const details = objectOf(report['prompt_tokens_details']);
  return fromWireUsage({
    prompt_tokens: count(report['prompt_tokens']) ?? null,
    completion_tokens: count(report['completion_tokens']) ?? null,
    prompt_tokens_details: { cached_tokens: count(details['cached_tokens']) ?? null },
  });
}

function tokensUsage(report: Json): Usage | undefined {
  const input = count(report['input_tokens']);
  if (input === undefined) return undefined;
  const inside = count(objectOf(report['input_tokens_details'])['cached_tokens']);
  const beside = count(report['cache_read_input_tokens']);
  const cached = Math.min(inside ?? 0, input);
  return { ...ZERO_USAGE, inputTokens: input - cached, cacheReadTokens: beside ?? cached, outputTokens: count(report['output_tokens']) ?? 0 };
}

const count = (value: unknown): number | undefined => (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined);
const objectOf = (value: unknown): Json => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {});
