import { badLine, outOfOrder } from './bad-line.ts';
import type { TraceRequest } from './trace-request.ts';

const MAX_NAMES = 10_000;
/** The session that was silent longest is forgotten, so that a trace of any length can be read. */
const MAX_SESSIONS = 100_000;

/**
 * Reads JSON lines in the format of Mooncake and in those that Dynamo made of it: `session_id` and `delay` for the turns of a
 * conversation, `request_id`, `wait_for`, `delay` and `tool_wait_ms` for agents, `delta` where a turn tells only what is new;
 * `priority` and `lora` for engines that look at them; `tenant` and `slo_ttft_ms` for the gateway.
 * Throws `invalid_request` with the number of the bad line.
 */
export function* parseMooncake(lines: Iterable<string>): Generator<TraceRequest> {
  const sessions = new Map<string, Turn>();
  let number = 0;
  let lastMs = 0;
  for (const line of lines) {
    number += 1;
    if (line.trim() === '') continue;
    const fields = fieldsOf(line, number);
    if (number === 1 && isHeader(fields)) continue;
    const request = requestOf(fields, number, sessions);
    if (request.atMs < lastMs) throw outOfOrder(number, request.atMs, lastMs);
    lastMs = request.atMs;
    yield request;
  }
}

/** Tokens per block that the first line tells; 512 as in Mooncake's own traces where it tells nothing. */
export function mooncakeBlockTokens(firstLine: string): number {
  const fields = fieldsOf(firstLine, 1);
  return isHeader(fields) ? whole(fields, 'block_size', { line: 1, least: 1 }) : 512;
}

const isHeader = (fields: Fields): boolean => fields['block_size'] !== undefined && fields['input_length'] === undefined;

/** What the next turn of a session builds upon. */
interface Turn {
  readonly id: string;
  readonly atMs: number;
  readonly inputTokens: number;
  readonly blocks: readonly number[];
}

function requestOf(fields: Fields, line: number, sessions: Map<string, Turn>): TraceRequest {
  const session = nameOf(fields, 'session_id', line);
  const last = session === undefined ? undefined : sessions.get(session);
  const delta = fields['delta'] === true && fields['prefix_reset'] !== true ? last : undefined;
  const own = blocksOf(fields, line);
  const inputTokens = whole(fields, 'input_length', { line, least: 1 }) + (delta?.inputTokens ?? 0);
  const blocks = delta === undefined ? own : [...delta.blocks, ...own];
  const named = namesOf(fields, 'wait_for', line);
  const delayMs = optional(fields, 'delay', line) + optional(fields, 'tool_wait_ms', line);
  const waits = fields['delay'] !== undefined || fields['tool_wait_ms'] !== undefined;
  // A turn that tells a delay waits for the turn before it, unless it says for whom.
  const after = named.length > 0 ? named : waits && last !== undefined ? [last.id] : [];
  const atMs = fields['timestamp'] === undefined && after.length > 0 ? (last?.atMs ?? 0) : amount(fields, 'timestamp', line);
  const id = nameOf(fields, 'request_id', line) ?? (session === undefined ? undefined : `line ${line}`);
  const adapter = nameOf(fields, 'lora', line);
  const priority = priorityOf(fields, line);
  const tenant = nameOf(fields, 'tenant', line);
  if (session !== undefined && id !== undefined) remember(sessions, session, { id, atMs, inputTokens, blocks });
  return {
    atMs,
    inputTokens,
    outputTokens: whole(fields, 'output_length', { line, least: 0 }),
    blocks,
    ...(id === undefined ? {} : { id }),
    ...(session === undefined ? {} : { session }),
    ...(after.length === 0 ? {} : { after, delayMs }),
    ...(priority === 0 ? {} : { priority }),
    ...(adapter === undefined ? {} : { adapter }),
    ...(tenant === undefined ? {} : { tenant }),
    ...(fields['slo_ttft_ms'] === undefined ? {} : { firstTokenWithinMs: amount(fields, 'slo_ttft_ms', line) }),
  };
}

function remember(sessions: Map<string, Turn>, session: string, turn: Turn): void {
  sessions.delete(session);
  sessions.set(session, turn);
  if (sessions.size > MAX_SESSIONS) sessions.delete(sessions.keys().next().value ?? '');
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(line: string, number: number): Fields {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw badLine(number, 'not valid JSON', cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw badLine(number, 'want a JSON object');
  return value as Fields;
}

function amount(fields: Fields, name: string, line: number): number {
  const value = fields[name];
  if (typeof value === 'number' && value >= 0 && Number.isFinite(value)) return value;
  throw badLine(line, `"${name}" must be a number of 0 or more, not ${JSON.stringify(value)}`);
}

const optional = (fields: Fields, name: string, line: number): number => (fields[name] === undefined || fields[name] === null ? 0 : amount(fields, name, line));

function whole(fields: Fields, name: string, { line, least }: { readonly line: number; readonly least: number }): number {
  const value = fields[name];
  if (Number.isSafeInteger(value) && (value as number) >= least) return value as number;
  throw badLine(line, `"${name}" must be a whole number of ${least} or more, not ${JSON.stringify(value)}`);
}

function priorityOf(fields: Fields, line: number): number {
  const value = fields['priority'] ?? 0;
  if (Number.isSafeInteger(value)) return value as number;
  throw badLine(line, `"priority" must be a whole number, not ${JSON.stringify(value)}`);
}

function blocksOf(fields: Fields, line: number): readonly number[] {
  const blocks = fields['hash_ids'] ?? [];
  if (!Array.isArray(blocks)) throw badLine(line, '"hash_ids" must be a list');
  for (const [index, block] of blocks.entries())
    if (!Number.isSafeInteger(block) || block < 0) throw badLine(line, `"hash_ids.${index}" must be a whole number of 0 or more, not ${JSON.stringify(block)}`);
  return blocks as readonly number[];
}

function nameOf(fields: Fields, name: string, line: number): string | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && value !== '') return value;
  if (typeof value === 'number') return String(value);
  throw badLine(line, `"${name}" must be a name`);
}

function namesOf(fields: Fields, name: string, line: number): readonly string[] {
  const value = fields[name] ?? [];
  if (Array.isArray(value) && value.length <= MAX_NAMES && value.every((each) => typeof each === 'string')) return value as readonly string[];
  throw badLine(line, `"${name}" must be a list of request ids`);
}
