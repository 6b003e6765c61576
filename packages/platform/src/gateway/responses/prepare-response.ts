import { PlatformError } from '@maru/api/errors';
import { type FieldRange, scanObject } from '#http';
import type { KeptResponse, ResponseStore } from './response-store.ts';

type Json = Readonly<Record<string, unknown>>;

/** Turns of one conversation, and bytes of them, that a request may go back. */
const MAX_TURNS = 200;
const MAX_HISTORY_BYTES = 32 * 1024 * 1024;

/** A request of the Responses API with its history in it, so that any engine can answer it. */
export interface PreparedResponse {
  readonly body: Buffer;
  /** The items that this turn adds. */
  readonly input: readonly Json[];
  readonly previousId: string | undefined;
  readonly store: boolean;
  readonly background: boolean;
}

/**
 * Puts the turns before into the request. Throws `invalid_request` when the previous response is not there, is not complete, or belongs
 * to somebody else.
 */
export async function prepareResponse(body: Buffer, tenant: string, store: ResponseStore): Promise<PreparedResponse> {
  const fields = scanObject(body);
  const read = (name: string): unknown => {
    const range = fields.get(name);
    return range === undefined ? undefined : JSON.parse(body.toString('utf8', range.start, range.end));
  };
  const previousId = read('previous_response_id') ?? undefined;
  if (previousId !== undefined && typeof previousId !== 'string') throw wrong('previous_response_id', 'must be the id of a response');
  const background = read('background') === true;
  const keeps = read('store') !== false;
  const input = toItems(read('input'));
  if (background && !keeps) throw wrong('background', 'needs "store": a response that is not kept can not be asked for later');
  const history = previousId === undefined ? [] : await historyOf(previousId, tenant, store);
  const edits: Edit[] = [];
  const set = (name: string, value: unknown): void => {
    const range = fields.get(name);
    if (range !== undefined) edits.push({ range, text: JSON.stringify(value) });
  };
  if (previousId !== undefined) {
    set('previous_response_id', null);
    set('input', [...history, ...input]);
    if (!fields.has('input')) edits.push(atStart(body, `"input":${JSON.stringify(history)},`));
  }
  // The platform sees to it; engines of other formats would not know the field.
  if (read('background') != null) set('background', null);
  return { body: edits.length === 0 ? body : applyEdits(body, edits), input, previousId, store: keeps, background };
}

/** All items before and in a response, oldest first. */
export async function itemsOf(response: KeptResponse, tenant: string, store: ResponseStore): Promise<readonly Json[]> {
  const before = response.previousId === undefined ? [] : await historyOf(response.previousId, tenant, store);
  return [...before, ...response.input];
}

async function historyOf(id: string, tenant: string, store: ResponseStore): Promise<readonly Json[]> {
  const turns: KeptResponse[] = [];
  let bytes = 0;
  for (let at: string | undefined = id; at !== undefined; at = turns.at(-1)?.previousId) {
    const turn = await store.find(tenant, at);
    if (turn === undefined) throw wrong('previous_response_id', `names a response that does not exist (any more): "${at.slice(0, 100)}"`);
    if (turn.status !== 'completed' && turn.status !== 'incomplete') throw wrong('previous_response_id', `names a response that is ${turn.status}`);
    turns.push(turn);
    bytes += JSON.stringify(turn.input).length + JSON.stringify(turn.answer).length;
    if (turns.length > MAX_TURNS || bytes > MAX_HISTORY_BYTES) throw wrong('previous_response_id', 'goes back further than a request can hold');
  }
  return turns.reverse().flatMap((turn) => [...turn.input, ...listOf(turn.answer['output'])]);
}

function toItems(input: unknown): readonly Json[] {
  if (input === undefined || input === null) return [];
  if (typeof input === 'string') return [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: input }] }];
  if (!Array.isArray(input)) throw wrong('input', 'must be a text or a list of items');
  return listOf(input);
}

const listOf = (value: unknown): readonly Json[] =>
  Array.isArray(value) ? value.filter((item): item is Json => typeof item === 'object' && item !== null && !Array.isArray(item)) : [];

interface Edit {
  readonly range: FieldRange;
  readonly text: string;
}

function atStart(body: Buffer, text: string): Edit {
  const first = body.indexOf('{') + 1;
  return { range: { start: first, end: first }, text };
}

function applyEdits(body: Buffer, edits: readonly Edit[]): Buffer {
  const parts: Buffer[] = [];
  let from = 0;
  for (const { range, text } of [...edits].sort((left, right) => left.range.start - right.range.start)) {
    parts.push(body.subarray(from, range.start), Buffer.from(text));
    from = range.end;
  }
  return Buffer.concat([...parts, body.subarray(from)]);
}

const wrong = (param: string, what: string): PlatformError => new PlatformError('invalid_request', { message: `"${param}" ${what}`, details: { param } });
