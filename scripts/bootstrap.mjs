// Runs under any Node from 20 on, before anything is installed: installs when the lockfile is new, and builds the console when its sources are.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const stamps = join(root, 'node_modules', '.cache', 'maru');

function hashOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(path).update(readFileSync(join(root, path)));
  return hash.digest('hex');
}

function filesBelow(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(`${folder}/${entry.name}`) : [`${folder}/${entry.name}`]));
}

/** Runs a step when what it depends on has changed since it last succeeded. */
function once({ name, inputs, output, command, message }) {
  const hash = hashOf(inputs);
  const stamp = join(stamps, name);
  if (existsSync(join(root, output)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  process.stderr.write(`${message}\n`);
  const [program, ...rest] = command;
  const result = spawnSync(program, rest, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (result.status !== 0) {
    process.stderr.write(`${name} failed${result.error ? `: ${result.error.message}` : ''}; run "${command.join(' ')}" to see why.\n`);
    process.exit(1);
  }
  mkdirSync(stamps, { recursive: true });
  writeFileSync(stamp, hash);
}

once({
  name: 'install',
  inputs: ['package-lock.json'],
  output: 'node_modules/node/bin/node',
  command: ['npm', 'ci', '--loglevel=error', '--progress=true'],
  message: 'Installing the packages of this version (once; a minute or two) ...',
});
once({
  name: 'console',
  inputs: [
    ...filesBelow('packages/console/src'),
    ...filesBelow('packages/api/src'),
    'packages/console/index.html',
    'packages/console/vite.config.ts',
    'package-lock.json',
  ],
  output: 'packages/console/dist/index.html',
  command: [join(root, 'node_modules/node/bin/node'), join(root, 'node_modules/vite/bin/vite.js'), 'build', 'packages/console', '--logLevel', 'warn'],
  message: 'Building the console (once per version) ...',
});

// Without the image the program starts from its sources, only slower: a failure here is said and stops nothing.
const image = spawnSync(join(root, 'node_modules/node/bin/node'), [join(root, 'scripts/make-start-image.mjs')], { cwd: root, stdio: 'ignore' });
if (image.status !== 0)
  process.stderr.write('The start image could not be made; run "npx node scripts/make-start-image.mjs" to see why. Maru starts from its sources.\n');
