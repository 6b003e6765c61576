import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openTrace, parseTrace, readTrace } from './read-trace.ts';

describe('reading a trace', () => {
  it('reads Mooncake JSON lines', () => {
    const trace = parseTrace(
      '{"timestamp": 2, "input_length": 1, "output_length": 0}\n{"timestamp": 5, "input_length": 700, "output_length": 9, "hash_ids": [0, 7]}\n',
    );

    expect({ ...trace }).toEqual({
      format: 'mooncake',
      blockTokens: 512,
      requests: [
        { atMs: 2, inputTokens: 1, outputTokens: 0, blocks: [] },
        { atMs: 5, inputTokens: 700, outputTokens: 9, blocks: [0, 7] },
      ],
    });
  });

  it('reads Azure CSV with CRLF, seven digits of a second and no end of line at the end', () => {
    const trace = parseTrace('\ufeffTIMESTAMP,ContextTokens,GeneratedTokens\r\n2023-11-16 23:59:59.9999999,374,44\r\n2023-11-17 00:00:01.5000000,396,109');

    expect(trace.format).toBe('azure');
    expect(trace.requests.map((request) => [Math.round(request.atMs * 1e4) / 1e4, request.inputTokens, request.outputTokens])).toEqual([
      [0, 374, 44],
      [1500.0001, 396, 109],
    ]);
  });

  it.each([
    ['{"timestamp": 1, "input_length": 2, "output_length": 1}\n{"timestamp": 1,', 'line 2 of the trace is wrong: not valid JSON'],
    ['{"timestamp": 1, "input_length": -2, "output_length": 1}', '"input_length"'],
    ['{"timestamp": -1, "input_length": 2, "output_length": 1}', '"timestamp" must be a number of 0 or more, not -1'],
    ['{"timestamp": 1, "input_length": 2, "output_length": 1.5}', '"output_length" must be a whole number'],
    [
      '{"timestamp": 5, "input_length": 2, "output_length": 1}\n\n{"timestamp": 4, "input_length": 2, "output_length": 1}',
      'line 3 of the trace is wrong: its time, 4 ms, is before the 5 ms',
    ],
    ['TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.1,1,2\n2023-11-16 18:15:45.1,1,2', 'line 3 of the trace is wrong: its time'],
    ['TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.1,-1,2', 'line 2 of the trace is wrong'],
    ['{"timestamp": 1, "input_length": 2, "output_length": 1, "hash_ids": 4}', '"hash_ids" must be a list'],
    ['{"timestamp": 1, "input_length": 2, "output_length": 1, "hash_ids": ["a"]}', '"hash_ids.0"'],
    ['TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16,1,2', 'line 2 of the trace is wrong'],
    ['TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.1,x,2', 'line 2 of the trace is wrong'],
    ['TIMESTAMP,ContextTokens,GeneratedTokens\n', 'the trace has no request'],
    ['hello', 'neither Mooncake JSON lines'],
    ['', 'neither Mooncake JSON lines'],
  ])('refuses %j and says where it is wrong', (text, message) => {
    expect(() => parseTrace(text)).toThrow(message);
    expect(() => parseTrace(text)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });

  it('says when there is no such file', async () => {
    await expect(readTrace('/nowhere/trace.jsonl')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('reads the traces of the benchmark whole', async () => {
    const folder = new URL('../../../../../bench/data/traces/', import.meta.url).pathname;
    const mooncake = await readTrace(`${folder}mooncake-conversation.jsonl`);
    const azure = await readTrace(`${folder}azure-llm-2023-conv.csv`);

    expect([mooncake.requests.length, azure.requests.length]).toEqual([12_031, 19_366]);
    expect(mooncake.requests.every((request) => request.blocks.length === Math.ceil(request.inputTokens / 512) && request.blocks[0] === 0)).toBe(true);
    expect(Math.round((azure.requests.at(-1)?.atMs ?? 0) / 1000)).toBe(3502);
  });

  it('names the file and the line of what is wrong in a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'maru-bad-trace-'));
    const path = join(folder, 'bad.jsonl');
    writeFileSync(path, '{"timestamp": 5, "input_length": 2, "output_length": 1}\n{"timestamp": 1, "input_length": 2, "output_length": 1}\n');

    expect(() => openTrace(path)).toThrow(`${path}: line 2 of the trace is wrong: its time, 1 ms, is before the 5 ms`);
    await expect(readTrace(path)).rejects.toMatchObject({ code: 'invalid_request', details: { line: 2, path } });
    rmSync(folder, { recursive: true });
  });
});
