import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
/** Read from the disk: an unpacked archive has no history to ask. */
const filesBelow = (folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.') && !['node_modules', 'dist'].includes(name))
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(`${folder}/${entry.name}`) : [`${folder}/${entry.name}`]));
const files = ['bench', 'examples', 'packages', 'scripts', 'test'].flatMap(filesBelow);
const lines = (path: string): number => read(path).split('\n').length - 1;
const sources = files.filter((path) => /^packages\/[^/]+\/src\/.*\.tsx?$/.test(path) && !path.endsWith('.test.ts') && !path.endsWith('.test.tsx'));
const rooms = readdirSync(join(root, 'packages/platform/src'));

describe('the house', () => {
  it('is found', () => {
    expect(sources.length).toBeGreaterThan(500);
  });

  it('has no file over 500 lines', () => {
    expect(files.filter((path) => /\.(tsx?|mjs|js)$/.test(path) && lines(path) > 500)).toEqual([]);
  });

  it('has a median of at most 90 lines per source file', () => {
    const sorted = sources.map(lines).sort((left, right) => left - right);

    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThanOrEqual(90);
  });

  it.each(rooms.filter((room) => room !== 'cmd'))('has a door and a short README in %s', (room) => {
    expect(existsSync(join(root, 'packages/platform/src', room, 'index.ts'))).toBe(true);
    expect(lines(`packages/platform/src/${room}/README.md`)).toBeLessThanOrEqual(40);
  });

  it('is drawn in ARCHITECTURE.md as it stands', () => {
    const drawn = read('ARCHITECTURE.md');

    expect(rooms.filter((room) => !drawn.includes(`\`${room}/\``))).toEqual([]);
    expect([...drawn.matchAll(/`([a-z]+)\/`/g)].map((match) => match[1] ?? '').filter((room) => !rooms.includes(room))).toEqual([]);
    expect(lines('ARCHITECTURE.md')).toBeLessThanOrEqual(150);
  });

  it('explains every dependency', () => {
    const explained = read('docs/dependencies.md');
    const names = ['.', 'packages/api', 'packages/platform', 'packages/console'].flatMap((folder) => {
      const manifest = JSON.parse(read(join(folder, 'package.json'))) as { dependencies?: Record<string, string>; devDependencies?: Record<string, string> };
      return Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    });

    expect(
      names.filter(([name]) => !name.startsWith('@maru/') && !name.startsWith('@types/') && !explained.includes(`\`${name}\``)).map(([name]) => name),
    ).toEqual([]);
    expect(names.filter(([, version]) => !/^\d+\.\d+\.\d+/.test(version))).toEqual([]);
  });

  it('has a lockfile that every platform can install, whatever mirror wrote it', () => {
    const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, { optionalDependencies?: Record<string, string> }> };
    const missing = Object.entries(packages).flatMap(([place, entry]) =>
      Object.keys(entry.optionalDependencies ?? {}).filter(
        (name) => !name.includes('wasm32') && !(`node_modules/${name}` in packages) && !(`${place}/node_modules/${name}` in packages),
      ),
    );

    expect(missing).toEqual([]);
  });

  it('throws no bare Error', () => {
    expect(sources.filter((path) => /throw new (Error|TypeError|RangeError)\(/.test(read(path)))).toEqual([]);
  });

  it('has no switched-off rule and no unfinished note', () => {
    const code = files.filter((path) => /\.(tsx?|mjs|js)$/.test(path) && path !== 'test/house/furniture.test.ts');

    expect(
      code.filter((path) =>
        /@ts-ignore|@ts-expect-error|biome-ignore|eslint-disable|\bTODO\b|\bFIXME\b|\b(it|describe|test)\.(skip|only|todo)\(/.test(read(path)),
      ),
    ).toEqual([]);
  });

  it('has the papers that an open house needs', () => {
    expect(
      [
        'README.md',
        'README.ko.md',
        'ARCHITECTURE.md',
        'AGENTS.md',
        'SCOPE.md',
        'CONTRIBUTING.md',
        'SECURITY.md',
        'CHANGELOG.md',
        'LICENSE',
        'docs/dependencies.md',
      ].filter((path) => !existsSync(join(root, path))),
    ).toEqual([]);
  });
});
