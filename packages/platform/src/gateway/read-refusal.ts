import type { ErrorCode } from '@maru/api/errors';

const MAX_READ = 16 * 1024;

/** What vendors and servers say about a prompt that is too long. */
const TOO_LONG =
  /context_length_exceeded|context_window_exceeded|maximum context length|max(?:imum)? (?:input )?tokens? (?:allowed|limit)|prompt is too long|input is too long|exceeds? the (?:maximum|model'?s?|available) (?:number of tokens|context|input)|too many (?:input )?tokens|context (?:window|size|length) (?:is )?exceeded|longer than the (?:model's|maximum) (?:context|sequence) length/i;
/** What they say about a prompt that a filter refused. */
const FILTERED =
  /content_filter|content_policy_violation|ResponsibleAIPolicyViolation|moderation_blocked|content management policy|safety system|guardrail_intervened|blocked by (?:our )?content (?:filter|policy)|violat\w+ (?:our )?(?:usage|content) polic|PROHIBITED_CONTENT|blockReason/i;

/** What a refusal is really about: vendors say it in words and codes of their own, with a status that says only "bad request". */
export function refusalCode(status: number, body: Buffer): ErrorCode {
  if (status === 429) return 'rate_limited';
  if (status === 400 || status === 413 || status === 422) {
    const text = body.toString('utf8', 0, Math.min(body.length, MAX_READ));
    if (TOO_LONG.test(text)) return 'context_length_exceeded';
    if (FILTERED.test(text)) return 'content_filtered';
  }
  return 'upstream_rejected';
}
