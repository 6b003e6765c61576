import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { routeKind } from '@maru/api/resources';
import { Command } from 'commander';
import { afterEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { registerRoute } from './route.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

async function train(text: string, ...flags: string[]): Promise<{ readonly out: string; readonly err: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'maru-route-train-'));
  folders.push(folder);
  const file = join(folder, 'requests.jsonl');
  writeFileSync(file, text);
  let out = '';
  let err = '';
  const io = {
    out: (part: string) => {
      out += part;
    },
    err: (part: string) => {
      err += part;
    },
    interactive: false,
    colour: false,
    readStdin: () => Promise.resolve(''),
    signal: new AbortController().signal,
  };
  const program = new Command('maru').exitOverride();
  registerRoute(program, { io, ports: {} as never, exit: () => undefined });
  await program.parseAsync(['route', 'train', file, ...flags], { from: 'user' });
  return { out, err };
}

const ROWS = Array.from({ length: 30 }, (_, index) =>
  JSON.stringify(
    index % 2 === 0
      ? { prompt: `Prove statement ${index} and derive why it holds.`, hard: true }
      : { prompt: `What is word ${index}?`, scores: { small: 0.9, big: 0.9 } },
  ),
).join('\n');

describe('maru route train', () => {
  it('prints a classifier that a Route takes, and how it does on rows that it has not seen', async () => {
    const { out, err } = await train(ROWS);
    const { classifier } = parse(out) as { classifier: unknown };

    expect(routeKind.spec.parse({ backends: [{ model: 'a' }], classifier }).classifier?.source).toBe('requests.jsonl, 20 of 30 rows');
    expect(err).toMatch(/^trained on 20 rows; of 10 others 100% are told right: 0 of 5 hard ones go to the small model, 0 of 5 easy ones to the big one/);
  });

  it('prints JSON where that is asked for, and refuses other forms', async () => {
    expect((JSON.parse((await train(ROWS, '--output', 'json')).out) as { weights: object }).weights).toHaveProperty('reason');
    await expect(train(ROWS, '--output', 'xml')).rejects.toMatchObject({ code: 'usage' });
  });

  it('names the line that is wrong', async () => {
    await expect(train(`${ROWS}\n{"prompt":5,"hard":true}`)).rejects.toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining('line 31') as string,
    });
  });
});
