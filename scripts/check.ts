// Everything that is checked without running a test: types, lint, floors, unused code, generated files, documents.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const CHECKS: readonly (readonly [string, readonly string[]])[] = [
  ['types', ['tsc', '-p', 'tsconfig.json']],
  ['types of the console', ['tsc', '-p', 'packages/console/tsconfig.json']],
  ['types of the browser tests', ['tsc', '-p', 'test/e2e/tsconfig.json']],
  ['format and lint', ['biome', 'check', '--error-on-warnings', '.']],
  ['typed lint', ['eslint', '.']],
  [
    'floors',
    ['depcruise', '--config', '.dependency-cruiser.mjs', 'packages/api/src', 'packages/platform/src', 'packages/console/src', 'test', 'bench', 'scripts'],
  ],
  ['unused code', ['knip']],
  ['generated files', ['node', 'scripts/generate.ts', '--check']],
];

let failed = 0;
for (const [name, [program = '', ...args]] of CHECKS) {
  const result = spawnSync(join(root, 'node_modules/.bin', program), args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  const ok = result.status === 0;
  if (!ok) failed += 1;
  process.stdout.write(`${ok ? 'ok    ' : 'FAILED'} ${name}\n`);
  if (!ok) process.stdout.write(`${`${result.stdout}${result.stderr}`.trimEnd().replace(/^/gm, '       ')}\n`);
}
process.stdout.write(`${CHECKS.length - failed} checks passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
