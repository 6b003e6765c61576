import { parseTwinRequest } from '../parse-request.ts';
import { renderPrompt } from '../render-prompt.ts';
import { countTokens } from '../tokenizer.ts';
import { tokenAt } from './kv-event-log.ts';

/** Token ids of a request, as `POST /tokenize` of vLLM gives them; throws what a bad body of a chat call throws. */
export function tokenizeRequest(body: Uint8Array): readonly number[] {
  const operation = Buffer.from(body).includes('"messages"') ? 'chat' : 'completions';
  const bytes = Buffer.from(renderPrompt(parseTwinRequest(operation, body)));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: countTokens(bytes.toString()) }, (_, index) => tokenAt(view, index));
}
