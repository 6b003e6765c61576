import { type CanonicalRequest, type Format, loadFormat, type WireFormat } from '#formats';
import type { AdmittedCall } from '../call.ts';
import type { Plan } from '../ports.ts';

/** Formats in which a client's request can be given the beginning of its answer. */
const FORMATS: ReadonlySet<WireFormat> = new Set(['openai-chat', 'anthropic-messages', 'openai-responses']);

/** Fields that bind an answer to a form which a second beginning would break, or that already begin one. */
const BINDING =
  /^(?:guided_\w+|structured_outputs|structural_tag|response_format|regex|ebnf|json_schema|grammar|prompt_logprobs|continue_final_message|add_generation_prompt|prediction|modalities|audio|background)$/;

/**
 * Marks a call whose answer may be continued when it breaks off. Streams of plain text only: an answer that is bound to a schema, that is
 * asked for with log probabilities or with reasoning, or of which several are asked for, is never continued.
 */
export async function allowContinuation(call: AdmittedCall, plan: Plan): Promise<AdmittedCall> {
  const { format } = call.door;
  if (plan.continuation === undefined || !call.request.stream || call.operation !== 'chat' || call.target.kind === 'agent') return call;
  if (format === undefined || !FORMATS.has(format)) return call;
  const request = decode(await loadFormat(format), call);
  return request !== undefined && isPlainText(request) ? { ...call, continuation: {} } : call;
}

/** Undefined for what is not of the format: it is refused elsewhere, with words. */
function decode(format: Format, { request }: AdmittedCall): CanonicalRequest | undefined {
  try {
    return format.decodeRequest(request.value(), { model: request.model, stream: true }).request;
  } catch {
    return undefined;
  }
}

function isPlainText(request: CanonicalRequest): boolean {
  const { reasoning, output, choices = 1, logprobs = false, extra, messages } = request;
  if (choices > 1 || logprobs || (output !== undefined && output.type !== 'text')) return false;
  if (reasoning !== undefined && reasoning.mode !== 'off' && reasoning.effort !== 'none') return false;
  if (messages.at(-1)?.role === 'assistant') return false;
  return !Object.keys(extra?.fields ?? {}).some((name) => BINDING.test(name));
}
