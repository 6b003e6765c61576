import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { openCheckedTexts, parseResources } from './index.ts';

const STACK = `# the reader
apiVersion: maru.dev/v1alpha1
kind: Model
metadata: { name: reader }
spec: { serving: { engine: reader } }
---
apiVersion: maru.dev/v1alpha1
kind: Route
metadata: { name: auto }
spec:
  backends:
    - model: reader # only one
`;
const BAD = STACK.replace('backends', 'backend');

describe('openCheckedTexts', () => {
  let file: string;
  const open = (program = 'one') => openCheckedTexts({ file, program });
  const plain = (text: string) => {
    const { resources, problems } = parseResources(text, { file: 'stack.yaml' });
    return { resources: resources.map(({ resource, yaml, file }) => ({ resource, yaml, file })), problems };
  };
  /** Makes a difference between a text that is read and one that is recalled. */
  const forge = async (): Promise<void> => writeFile(file, (await readFile(file, 'utf8')).replaceAll('"reader"', '"forged"'));
  const nameIn = (text: string, parse: typeof parseResources): string | undefined => parse(text).resources[0]?.resource.metadata.name;

  beforeEach(async () => {
    file = join(await mkdtemp(join(tmpdir(), 'maru-')), 'made/by/save.json');
  });

  it('says the same of a text when it reads it and when it recalls it', async () => {
    const first = await open();
    expect(first.parse(STACK, { file: 'stack.yaml' })).toMatchObject(plain(STACK));
    await first.save();

    const second = await open();

    expect(second.parse(STACK, { file: 'stack.yaml' })).toMatchObject(plain(STACK));
    expect(second.parse(STACK, { file: 'stack.yaml' }).resources.map((entry) => entry.placeOf(['metadata', 'name']))).toEqual([
      { line: 4, column: 13 },
      { line: 9, column: 13 },
    ]);
  });

  it('recalls only the very same text', async () => {
    const first = await open();
    first.parse(STACK);
    await first.save();
    await forge();

    const second = await open();

    expect(nameIn(STACK, second.parse)).toBe('forged');
    expect(nameIn(`${STACK}\n`, second.parse)).toBe('reader');
  });

  it('recalls nothing of another program', async () => {
    const first = await open();
    first.parse(STACK);
    await first.save();
    await forge();

    expect(nameIn(STACK, (await open('two')).parse)).toBe('reader');
  });

  it('reads a text with problems every time, and says the same of it', async () => {
    const first = await open();
    const problems = first.parse(BAD, { file: 'stack.yaml' }).problems;
    await first.save();

    expect(problems.length).toBeGreaterThan(0);
    expect((await open()).parse(BAD, { file: 'stack.yaml' }).problems).toEqual(problems);
    await expect(readFile(file)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('forgets what a start has not asked for', async () => {
    const first = await open();
    first.parse(STACK);
    first.parse('# other\n');
    await first.save();
    const second = await open();
    second.parse('# other\n');
    await second.save();
    expect(await readFile(file, 'utf8')).not.toContain('reader');
  });

  it('remembers nothing after it was saved', async () => {
    const first = await open();
    first.parse(STACK);
    await first.save();
    await forge();
    const second = await open();
    await second.save();
    expect(nameIn(STACK, second.parse)).toBe('reader');
  });

  it.each(['', 'null', '[]', '{"program":"one"}', '{"program":"one","texts":null}', '{"program":"one","texts":'])(
    'takes a broken file (%s) for none',
    async (text) => {
      await mkdir(join(file, '..'), { recursive: true });
      await writeFile(file, text);
      expect(nameIn(STACK, (await open()).parse)).toBe('reader');
    },
  );

  it('does without a file where none can be written', async () => {
    const blocked = await openCheckedTexts({ file: '/dev/null/not/a/folder.json', program: 'one' });
    expect(nameIn(STACK, blocked.parse)).toBe('reader');
    await expect(blocked.save()).resolves.toBeUndefined();
  });
});
