import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const house = join(import.meta.dirname, '../..');

/** A checkout with one source, the launcher, and an image that prints what it is. */
describe('the start image', () => {
  let root: string;
  const write = (path: string, text: string): void => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const start = (): string => spawnSync(process.execPath, [join(root, 'packages/platform/bin/maru.js')], { encoding: 'utf8' }).stdout.trim();
  const makeImage = (): void => {
    const made = spawnSync(process.execPath, [join(root, 'scripts/make-start-image.mjs')], { encoding: 'utf8' });
    expect(made.stderr).toBe('');
  };

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'maru-image-'));
    cpSync(join(house, 'packages/platform/bin'), join(root, 'packages/platform/bin'), { recursive: true });
    cpSync(join(house, 'scripts/make-start-image.mjs'), join(root, 'scripts/make-start-image.mjs'));
    mkdirSync(join(root, 'node_modules'));
    symlinkSync(join(house, 'node_modules/rolldown'), join(root, 'node_modules/rolldown'));
    write('node_modules/.package-lock.json', '{}');
    write('packages/api/package.json', '{"type":"module"}');
    write('packages/platform/package.json', '{"type":"module"}');
    write(
      'packages/platform/src/cmd/maru.ts',
      `import { what } from './what.ts';\nprocess.stdout.write((what satisfies string) + ' ' + String(import.meta.dirname.endsWith('src/cmd')));\n`,
    );
    write('packages/platform/src/cmd/what.ts', `export const what: string = new Error().stack?.includes('.mjs') ? 'image' : 'sources';\n`);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('is what starts when there is one, and knows the places of the sources', () => {
    expect(start()).toBe('sources true');
    makeImage();
    expect(start()).toBe('image true');
  });

  it('gives way to the sources when one of them has changed, and comes back when it is made again', () => {
    makeImage();
    write('packages/platform/src/cmd/what.ts', `export const what: string = 'changed';\n`);
    expect(start()).toBe('changed true');
    makeImage();
    expect(start()).toBe('changed true');
    utimesSync(join(root, 'packages/platform/src/cmd/what.ts'), 1, 1);
    write('packages/platform/node_modules/.cache/maru/image/maru.mjs', `console.log('must not run');\n`);
    expect(start()).toBe('changed true');
  });

  it.each(['node_modules/.package-lock.json', 'packages/platform/package.json'])('gives way when %s has changed', (path) => {
    makeImage();
    write(path, '{ "type": "module" }');
    expect(start()).toBe('sources true');
  });

  it('gives way when it is broken', () => {
    makeImage();
    write('packages/platform/node_modules/.cache/maru/image/image.json', '{"entry":');
    expect(start()).toBe('sources true');
  });
});
