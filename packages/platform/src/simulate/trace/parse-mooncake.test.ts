import { describe, expect, it } from 'vitest';
import { parseTrace } from './read-trace.ts';

const line = (fields: object): string => JSON.stringify({ input_length: 100, output_length: 1, ...fields });
const parse = (...lines: readonly object[]) => parseTrace(lines.map(line).join('\n')).requests;

describe('traces of conversations and agents', () => {
  it('let a turn with a delay wait for the turn before it', () => {
    const [first, second, third] = parse({ timestamp: 5, session_id: 'a' }, { session_id: 'a', delay: 40, tool_wait_ms: 2 }, { timestamp: 9, session_id: 'a' });

    expect(first).toMatchObject({ atMs: 5, session: 'a' });
    expect(second).toMatchObject({ atMs: 5, after: [first?.id], delayMs: 42 });
    expect(third?.after).toBeUndefined();
  });

  it('let a request wait for those that it names', () => {
    expect(parse({ timestamp: 0, request_id: 'x' }, { timestamp: 1, request_id: 'y', wait_for: ['x'] })[1]).toMatchObject({
      id: 'y',
      after: ['x'],
      delayMs: 0,
    });
  });

  it('add what is new to the turn before it, unless its prefix was reset', () => {
    const turns = parse(
      { timestamp: 0, session_id: 'a', input_length: 512, hash_ids: [1] },
      { timestamp: 1, session_id: 'a', input_length: 512, hash_ids: [2], delta: true },
      { timestamp: 2, session_id: 'a', input_length: 512, hash_ids: [3], delta: true, prefix_reset: true },
    );

    expect(turns.map(({ inputTokens, blocks }) => [inputTokens, blocks])).toEqual([
      [512, [1]],
      [1024, [1, 2]],
      [512, [3]],
    ]);
  });

  it('may tell the size of their blocks in a first line', () => {
    expect(parseTrace(`{"block_size": 64}\n${line({ timestamp: 0 })}`)).toMatchObject({ blockTokens: 64, requests: [{ inputTokens: 100 }] });
  });

  it('tell the priority and the adapter of a request', () => {
    const [plain, special] = parse({ timestamp: 0 }, { timestamp: 1, priority: -3, lora: 'legal' });

    expect(special).toMatchObject({ priority: -3, adapter: 'legal' });
    expect(plain).not.toHaveProperty('priority');
  });

  it.each([
    [{ timestamp: 0, priority: 'high' }, '"priority" must be a whole number'],
    [{ timestamp: 0, lora: '' }, '"lora" must be a name'],
    [{ timestamp: 0, wait_for: 'x' }, '"wait_for" must be a list'],
    [{ timestamp: 0, session_id: [] }, '"session_id" must be a name'],
    [{ timestamp: 0, session_id: 'a', delay: -1 }, '"delay" must be a number of 0 or more'],
    [{ session_id: 'a', delay: 3 }, '"timestamp" must be a number'],
  ])('are refused where they are wrong: %j', (fields, message) => {
    expect(() => parse(fields)).toThrow(message);
  });
});
