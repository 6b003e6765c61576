import type { FieldRange } from '#http';
import type { Door } from './door.ts';
import type { ParsedRequest } from './parse-request.ts';

/** Formats whose streams say what they used only when they are asked. */
const ASKS_USAGE: ReadonlySet<string> = new Set(['openai-chat', 'openai-completions']);
const ASK_USAGE = '"stream_options":{"include_usage":true},';

/** Smaller bodies are sent faster in one piece. */
const LARGE_BYTES = 64 * 1024;

/** Bytes for an engine. */
export interface SplicedBody {
  readonly body: Buffer;
  /** The same, not joined; only of a large body. */
  readonly pieces?: readonly Buffer[];
}

export interface SpliceOptions {
  readonly door: Door;
  /** Fields in the door's format that the client has not set. */
  readonly defaults?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * The bytes for an engine: the value of `model` replaced, defaults put in, and a streamed request asking for its usage. Everything else is
 * copied, never parsed and written again. A large body is joined only when somebody asks for it whole.
 */
export function spliceRequest(request: ParsedRequest, servedName: string, { door, defaults }: SpliceOptions): SplicedBody {
  const edits: { readonly range: FieldRange; readonly text: string }[] = [];
  const model = request.fields.get('model');
  if (model !== undefined && servedName !== request.model) edits.push({ range: model, text: JSON.stringify(servedName) });
  else if (model === undefined && door.optionalModel === true) edits.push(atStart(request, `"model":${JSON.stringify(servedName)},`));
  if (request.stream && !request.wantsUsage && ASKS_USAGE.has(door.format ?? '')) edits.push(askUsage(request));
  const added = defaults === undefined ? '' : JSON.stringify(defaults).slice(1, -1);
  if (added !== '') edits.push(atStart(request, `${added},`));
  if (edits.length === 0) return { body: request.bytes };
  edits.sort((left, right) => left.range.start - right.range.start);

  const parts: Buffer[] = [];
  let from = 0;
  for (const { range, text } of edits) {
    parts.push(request.bytes.subarray(from, range.start), Buffer.from(text));
    from = range.end;
  }
  parts.push(request.bytes.subarray(from));
  return request.bytes.length < LARGE_BYTES ? { body: Buffer.concat(parts) } : new PiecedBody(parts);
}

/** Joining copies every byte once more. */
class PiecedBody implements SplicedBody {
  readonly pieces: readonly Buffer[];
  #whole: Buffer | undefined;

  constructor(pieces: readonly Buffer[]) {
    this.pieces = pieces;
  }

  get body(): Buffer {
    this.#whole ??= Buffer.concat(this.pieces);
    return this.#whole;
  }
}

/** A new field before all others; a body that is read always has one. */
function atStart(request: ParsedRequest, text: string): { readonly range: FieldRange; readonly text: string } {
  const first = request.bytes.indexOf('{') + 1;
  return { range: { start: first, end: first }, text };
}

function askUsage(request: ParsedRequest): { readonly range: FieldRange; readonly text: string } {
  const range = request.fields.get('stream_options');
  if (range === undefined) return atStart(request, ASK_USAGE);
  const options = JSON.parse(request.bytes.toString('utf8', range.start, range.end)) as Record<string, unknown> | null;
  return { range, text: JSON.stringify({ ...options, include_usage: true }) };
}
