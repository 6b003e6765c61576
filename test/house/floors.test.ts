import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const PLATFORM = 'packages/platform/src';

/** A copy of the house with its real rules and its real doors, but one file per room. */
function copyHouse(extra: Readonly<Record<string, string>>): string {
  const copy = mkdtempSync(join(tmpdir(), 'maru-house-'));
  const rooms = ['config', 'time', 'http', 'store', 'engines', 'router', 'ledger', 'gateway', 'control', 'simulate', 'cmd'];
  const files: Record<string, string> = {
    ...Object.fromEntries(rooms.map((room) => [`${PLATFORM}/${room}/index.ts`, `export { inside } from './inside.ts';\n`])),
    ...Object.fromEntries(rooms.map((room) => [`${PLATFORM}/${room}/inside.ts`, `export const inside = '${room}';\n`])),
    'packages/api/src/errors/index.ts': 'export const shape = 1;\n',
    'packages/console/src/main.ts': 'export const page = 1;\n',
    'test/fixture.ts': 'export const fixture = 1;\n',
    ...extra,
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    writeFileSync(join(copy, path), text);
  }
  for (const path of ['.dependency-cruiser.mjs', 'tsconfig.json', 'tsconfig.base.json', 'packages/platform/package.json', 'packages/api/package.json'])
    copyFileSync(join(root, path), join(copy, path));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string };
}

function violationsOf(copy: string): readonly Violation[] {
  const folders = ['packages/api/src', PLATFORM, 'packages/console/src', 'test'];
  const result = spawnSync(
    process.execPath,
    [join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs'), '--config', '.dependency-cruiser.mjs', '--output-type', 'json', ...folders],
    { cwd: copy, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  return (JSON.parse(result.stdout) as { summary: { violations: Violation[] } }).summary.violations;
}

/** A forbidden import per rule: the file that has it, its text, and the rule that must see it. */
const FORBIDDEN: readonly (readonly [string, string, string])[] = [
  [`${PLATFORM}/router/sideways.ts`, "import '#engines';", 'rooms-not-sideways'],
  [`${PLATFORM}/gateway/sideways.ts`, "import '#control';", 'surfaces-not-sideways'],
  [`${PLATFORM}/time/upwards.ts`, "import '#router';", 'foundations-look-at-foundations'],
  [`${PLATFORM}/ledger/upwards.ts`, "import '#gateway';", 'rooms-look-down'],
  [`${PLATFORM}/simulate/upwards.ts`, "import '../cmd/index.ts';", 'surfaces-look-down'],
  [`${PLATFORM}/gateway/past-the-door.ts`, "import '../router/inside.ts';", 'through-the-door'],
  ['test/past-the-door.ts', "import '../packages/platform/src/router/inside.ts';", 'composition-through-the-door'],
  ['packages/console/src/platform.ts', "import '../../platform/src/router/index.ts';", 'console-knows-api'],
  ['packages/api/src/errors/platform.ts', "import '../../../platform/src/time/index.ts';", 'api-knows-nobody'],
  ['packages/api/src/errors/library.ts', "import 'yaml';", 'api-needs-zod'],
  ['packages/api/src/errors/node.ts', "import 'node:fs';", 'api-is-browser-safe'],
  [`${PLATFORM}/store/kubernetes.ts`, "import '@kubernetes/client-node';", 'one-kubernetes-client'],
  [`${PLATFORM}/http/helpers.ts`, 'export const helper = 1;', 'no-attic'],
  [`${PLATFORM}/config/left.ts`, "import './right.ts';", 'no-cycles'],
  [`${PLATFORM}/engines/missing.ts`, "import './nowhere.ts';", 'resolvable'],
];

describe('the floors', () => {
  let violations: readonly Violation[] = [];

  beforeAll(() => {
    violations = violationsOf(
      copyHouse({
        ...Object.fromEntries(FORBIDDEN.map(([path, text]) => [path, `${text}\n`])),
        [`${PLATFORM}/config/right.ts`]: "import './left.ts';\n",
        [`${PLATFORM}/http/uses-attic.ts`]: "export { helper } from './helpers.ts';\n",
      }),
    );
  }, 60_000);

  it('let a clean house pass', () => {
    expect(violationsOf(copyHouse({}))).toEqual([]);
  }, 60_000);

  it('let a surface look down through a door', () => {
    expect(
      violationsOf(
        copyHouse({
          [`${PLATFORM}/gateway/down.ts`]: "import '#router';\nimport '#time';\n",
          [`${PLATFORM}/cmd/up.ts`]: "import '#gateway';\nimport '#control';\n",
        }),
      ),
    ).toEqual([]);
  }, 60_000);

  it.each(FORBIDDEN)('refuse %s with %s', (path, _text, rule) => {
    const seen = violations
      .filter((violation) => violation.from === path || (rule === 'no-attic' && violation.from.endsWith('uses-attic.ts')))
      .map((violation) => violation.rule.name);

    expect(seen).toContain(rule);
  });

  it('have no file of exceptions', () => {
    expect(readdirSync(root).filter((name) => /known-violations|baseline/.test(name))).toEqual([]);
    expect(readFileSync(join(root, '.dependency-cruiser.mjs'), 'utf8')).not.toMatch(/known-?violations/i);
  });
});
