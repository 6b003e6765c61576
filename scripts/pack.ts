// Makes the packages that npm installs: plain JavaScript, with the console, the documents and the quickstart inside.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const root = join(import.meta.dirname, '..');
const out = join(root, process.argv[2] ?? 'dist/packages');

interface Manifest {
  name: string;
  version: string;
  exports?: Record<string, string>;
  imports?: Record<string, string>;
  devDependencies?: unknown;
  [field: string]: unknown;
}

/** Paths of sources become paths of what is made of them. */
const toBuilt = (paths: Record<string, string> | undefined): Record<string, string> | undefined =>
  paths === undefined
    ? undefined
    : Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, path.replace('./src/', './dist/').replace(/\.ts$/, '.js')]));

function run(program: string, args: readonly string[], cwd: string): string {
  const result = spawnSync(program, args, { cwd, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (result.status !== 0) {
    process.stderr.write(`${program} ${args.join(' ')} failed\n${result.stdout}${result.stderr}`);
    process.exit(1);
  }
  return result.stdout;
}

function pack(name: 'api' | 'platform', extra: (target: string) => void): string {
  const source = join(root, 'packages', name);
  const target = join(out, 'build', name);
  mkdirSync(target, { recursive: true });
  const config = join(root, `tsconfig.pack.${name}.tmp.json`);
  writeFileSync(
    config,
    JSON.stringify({
      extends: './tsconfig.pack.json',
      compilerOptions: { rootDir: `packages/${name}/src`, outDir: join(relative(root, target), 'dist') },
      include: [`packages/${name}/src`],
    }),
  );
  try {
    run(join(root, 'node_modules/.bin/tsc'), ['-p', config], root);
  } finally {
    rmSync(config);
  }
  // Data and other files that the compiler does not carry over.
  cpSync(join(source, 'src'), join(target, 'dist'), { recursive: true, filter: (path) => !/\.tsx?$|__fixtures__|README\.md$/.test(path) });
  extra(target);
  const manifest = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as Manifest;
  const { devDependencies: _unused, ...kept } = manifest;
  const exports = toBuilt(manifest.exports);
  const imports = toBuilt(manifest.imports);
  writeFileSync(
    join(target, 'package.json'),
    JSON.stringify({ ...kept, ...(exports === undefined ? {} : { exports }), ...(imports === undefined ? {} : { imports }) }, null, 2),
  );
  cpSync(join(root, 'LICENSE'), join(target, 'LICENSE'));
  return join(out, run('npm', ['pack', '--silent', '--pack-destination', out], target).trim());
}

/** Writes into the program what it is known by: the content of both packages, which name their libraries by exact versions. */
function nameProgram(target: string): void {
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')));
  for (const folder of [join(out, 'build/api/dist'), join(target, 'dist')])
    for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort())
      if (path.endsWith('.js') || path.endsWith('.json')) hash.update(path).update(readFileSync(join(folder, path)));
  writeFileSync(join(target, 'dist/cmd/program-id.js'), `export const PROGRAM_ID = '${hash.digest('hex')}';\n`);
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const built = join(root, 'packages/console/dist');
if (!existsSync(join(built, 'index.html'))) run('npm', ['run', 'build', '-w', 'packages/console'], root);
const files = [
  pack('api', () => undefined),
  pack('platform', (target) => {
    nameProgram(target);
    cpSync(join(root, 'packages/platform/bin'), join(target, 'bin'), { recursive: true });
    cpSync(built, join(target, 'console'), { recursive: true });
    cpSync(join(root, 'docs'), join(target, 'docs'), { recursive: true });
    cpSync(join(root, 'examples/quickstart'), join(target, 'examples/quickstart'), { recursive: true });
    cpSync(join(root, 'README.md'), join(target, 'README.md'));
  }),
];
for (const file of files) process.stdout.write(`${file}\n`);
