import type { ReasoningPart, Seal } from '../canonical/part.ts';
import { asList, asObject, asString, type JsonObject } from '../json-value.ts';
import { unwrapSeal, wrapSeal } from '../seal.ts';

const FORMAT = 'openai-responses';
/** Begins the ids of reasoning items that this platform made up: they mean nothing to a vendor. */
const OWN_ID = 'rs_maru_';

/** A reasoning item. Its summary is its text; where there is none, its content is. */
export function decodeReasoningItem(item: JsonObject): ReasoningPart {
  const summary = readTexts(item['summary']);
  return { type: 'reasoning', text: summary === '' ? readTexts(item['content']) : summary, ...readItemSeal(item) };
}

const readTexts = (list: unknown): string =>
  asList(list)
    .map((part) => asString(asObject(part)['text']) ?? '')
    .join('\n\n');

/** The seal of an item: its encrypted content, or its id alone where OpenAI keeps the rest. */
export function readItemSeal(item: JsonObject): { readonly seal?: Seal } {
  const id = asString(item['id']) ?? '';
  const ownId = id === '' || id.startsWith(OWN_ID) ? {} : { id };
  const encrypted = asString(item['encrypted_content']);
  if (encrypted !== undefined && encrypted !== '') return { seal: unwrapSeal({ format: FORMAT, kind: 'encrypted', value: encrypted, ...ownId }) };
  return 'id' in ownId ? { seal: { format: FORMAT, kind: 'signature', value: '', ...ownId } } : {};
}

/** A reasoning part as an item: for a client (another vendor's seal is wrapped), or for OpenAI, which is only sent its own. */
export function encodeReasoningItem(part: ReasoningPart, id: string | undefined): JsonObject {
  const { seal, text } = part;
  const ownId = seal?.format === FORMAT ? seal.id : undefined;
  const isReference = seal?.format === FORMAT && seal.value === '';
  return {
    ...(ownId === undefined && id === undefined ? {} : { id: ownId ?? id }),
    type: 'reasoning',
    summary: text === '' ? [] : [{ type: 'summary_text', text }],
    ...(seal === undefined || isReference ? {} : { encrypted_content: wrapSeal(seal, FORMAT) }),
  };
}

/** Id of a reasoning item that has none of its vendor. */
export const toReasoningId = (answerId: string, index: number): string => `${OWN_ID}${answerId}_${index}`;
