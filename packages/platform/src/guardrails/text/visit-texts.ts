/** A text inside of a JSON value. */
export interface TextSlot {
  readonly text: string;
  /** Says which texts continue each other over the events of a stream. */
  readonly id: string;
  /** A piece of a text that goes on in the next event. */
  readonly piece: boolean;
  /** The text is itself JSON, as the arguments of a call. */
  readonly json: boolean;
  replace(text: string): void;
}

/** Values that are names, ids, or data in another form than text. */
const SKIPPED = new Set([
  'role',
  'type',
  'id',
  'object',
  'model',
  'status',
  'call_id',
  'tool_call_id',
  'tool_use_id',
  'item_id',
  'response_id',
  'finish_reason',
  'stop_reason',
  'finishReason',
  'signature',
  'thoughtSignature',
  'encrypted_content',
  'mime_type',
  'mimeType',
  'media_type',
  'cache_control',
  'detail',
  'format',
  'usage',
  'usageMetadata',
  'system_fingerprint',
  'service_tier',
  'modelVersion',
  'responseId',
  'logprobs',
  'created',
  'image_url',
  'file_id',
  'file_data',
  'input_audio',
  'inlineData',
  'inline_data',
  'b64_json',
  'embedding',
  'annotations',
  'safetyRatings',
  'obfuscation',
  'sequence_number',
  'metadata',
  'tools',
  'tool_choice',
  'text_format',
]);
/** Below these stands what a tool gets or gives: any name may hold text there. */
const FREE = new Set(['args', 'arguments', 'response']);
const JSON_TEXTS = new Set(['arguments', 'partial_json']);
const INDEXES = ['index', 'output_index', 'content_index', 'summary_index'];
const MAX_DEPTH = 40;

type Json = Record<string, unknown>;

/** Fields of a request in which texts for the model stand, in every format that the gateway speaks. */
const PROMPT_FIELDS = [
  'system',
  'systemInstruction',
  'system_instruction',
  'instructions',
  'preamble',
  'messages',
  'contents',
  'input',
  'prompt',
  'suffix',
  'prediction',
  'query',
  'queries',
  'documents',
  'text_1',
  'text_2',
  'data_1',
  'data_2',
];

/** Visits the texts of a prompt, in order. */
export function visitPrompt(body: Json, visit: (slot: TextSlot) => void): void {
  for (const field of PROMPT_FIELDS) if (field in body) visitField(body, field, { visit, id: field, piece: false, free: false, depth: 0 });
}

/** Visits the texts of an answer, or of one event of a streamed answer. */
export function visitAnswer(value: Json, visit: (slot: TextSlot) => void): void {
  const streamed = typeof value['type'] === 'string' || 'choices' in value || 'candidates' in value;
  for (const field of Object.keys(value)) {
    if (SKIPPED.has(field) || field === 'error') continue;
    // A response of the Responses API wraps the whole answer under `response`: its texts are complete.
    visitField(value, field, { visit, id: `${indexOf(value)}.${field}`, piece: streamed && isPiece(value, field), free: false, depth: 0 });
  }
}

/** Texts that go on: deltas, and the choices and candidates of streams that have no other shape for them. */
function isPiece(event: Json, field: string): boolean {
  if (field === 'delta') return true;
  const list = event[field];
  if (!Array.isArray(list)) return false;
  if (field === 'candidates') return true;
  return field === 'choices' && list.some((choice) => isObject(choice) && ('delta' in choice || ('text' in choice && !('message' in choice))));
}

interface Walk {
  readonly visit: (slot: TextSlot) => void;
  readonly id: string;
  readonly piece: boolean;
  readonly free: boolean;
  readonly depth: number;
}

function visitField(owner: Json | unknown[], name: string | number, walk: Walk): void {
  const value = (owner as Json)[name];
  if (typeof value === 'string') {
    if (value === '') return;
    const json = typeof name === 'string' && JSON_TEXTS.has(name);
    walk.visit({
      text: value,
      id: walk.id,
      piece: walk.piece,
      json,
      replace: (text) => {
        (owner as Json)[name] = text;
      },
    });
    return;
  }
  if (typeof value !== 'object' || value === null || walk.depth > MAX_DEPTH) return;
  if (Array.isArray(value)) {
    value.forEach((item, position) => {
      visitField(value, position, {
        ...walk,
        id: `${walk.id}[${isObject(item) && INDEXES.some((field) => field in item) ? indexOf(item) : position}]`,
        depth: walk.depth + 1,
      });
    });
    return;
  }
  const object = value as Json;
  for (const field of Object.keys(object)) {
    if (!walk.free && (SKIPPED.has(field) || isReference(object, field))) continue;
    const free = walk.free || FREE.has(field) || (field === 'input' && isObject(object[field]));
    visitField(object, field, { ...walk, id: `${walk.id}.${field}`, free, depth: walk.depth + 1 });
  }
}

/** Names of functions, addresses and base64 are no text for a detector. */
const isReference = (object: Json, field: string): boolean =>
  field === 'name' ||
  field === 'url' ||
  field === 'fileUri' ||
  field === 'file_uri' ||
  (field === 'data' && ('media_type' in object || 'mimeType' in object || 'mime_type' in object));

const indexOf = (value: Json): string => INDEXES.map((field) => (typeof value[field] === 'number' ? String(value[field]) : '')).join(':');

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
