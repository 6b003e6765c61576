// Makes the start image: the program bundled with the libraries that it loads at once. What has changed since runs from its sources.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';
import { freshImage, imageFolderOf, stampOf } from '../packages/platform/bin/start-image.js';

/** Loaded by every start; all others stay where npm put them. */
const INLINED = new Set([
  '@msgpack/msgpack',
  '@pinojs/redact',
  'atomic-sleep',
  'commander',
  'croner',
  'fastest-levenshtein',
  'ipaddr.js',
  'kysely',
  'kysely/migration',
  'on-exit-leak-free',
  'picocolors',
  'pino',
  'pino-std-serializers',
  'quick-format-unescaped',
  'safe-stable-stringify',
  'sonic-boom',
  'stemmer',
  'yaml',
  'zod',
]);
/** The first is written by npm at every install. */
const ALSO_INPUTS = ['node_modules/.package-lock.json', 'packages/api/package.json', 'packages/platform/package.json', 'scripts/make-start-image.mjs'];

const root = join(import.meta.dirname, '..');
const imageFolder = imageFolderOf(root);

/** Stamps each source before it is read, so that one that changes meanwhile leaves the image stale. */
const stampSources = (inputs) => ({
  name: 'stamp-sources',
  load(id) {
    const path = relative(root, id);
    if (path.startsWith('packages')) inputs[path] = stampOf(root, path);
    return null;
  },
});

/** A module of the image still finds the files beside its source: data, workers, children. */
const keepPlaces = {
  name: 'keep-places',
  transform(code, id) {
    if (!id.startsWith(root)) return null;
    if (id.includes('node_modules')) return code.includes('__dirname') ? code.replaceAll('__dirname', JSON.stringify(dirname(id))) : null;
    if (!code.includes('import.meta.')) return null;
    return code
      .replaceAll('import.meta.dirname', JSON.stringify(dirname(id)))
      .replaceAll('import.meta.filename', JSON.stringify(id))
      .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href));
  },
};

/**
 * Takes only the exports of Node's own modules that are used. An import statement would read all of them: that of `node:http` loads another
 * copy of undici, for a WebSocket that nobody asked for.
 */
const readBuiltins = {
  name: 'read-builtins',
  resolveId: (id, _importer, { kind }) => (kind === 'import-statement' && id.startsWith('node:') ? { id: `\0builtin:${id}`, moduleSideEffects: false } : null),
  load(id) {
    if (!id.startsWith('\0builtin:')) return null;
    const name = JSON.stringify(id.slice('\0builtin:'.length));
    const names = Object.keys(process.getBuiltinModule(JSON.parse(name))).filter((key) => /^[a-z_]\w*$/i.test(key) && key !== 'default');
    return [
      `const builtin = /* @__PURE__ */ process.getBuiltinModule(${name});`,
      'export default builtin;',
      'const read = (key) => builtin[key];',
      ...names.map((key, index) => `const export${index} = /* @__PURE__ */ read("${key}");\nexport { export${index} as ${key} };`),
    ].join('\n');
  },
};

/** Stands for the name of the program until all of it is known. */
const UNNAMED = '0'.repeat(64);
const nameProgram = {
  name: 'name-program',
  transform: (_code, id) => (id === join(root, 'packages/platform/src/cmd/program-id.ts') ? `export const PROGRAM_ID = "${UNNAMED}";` : null),
};

const isIncluded = (id) => /^([./#\0]|node:|@maru\/)/.test(id) || INLINED.has(id);

if (freshImage(root) === undefined) {
  const inputs = Object.fromEntries(ALSO_INPUTS.map((path) => [path, stampOf(root, path)]));
  const bundle = await rolldown({
    input: join(root, 'packages/platform/src/cmd/maru.ts'),
    platform: 'node',
    external: (id) => !isIncluded(id),
    plugins: [readBuiltins, stampSources(inputs), keepPlaces, nameProgram],
  });
  const { output } = await bundle.generate({ format: 'esm', entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' });
  await bundle.close();
  const hash = createHash('sha256').update(readFileSync(join(root, ALSO_INPUTS[0])));
  for (const { fileName, code } of output) hash.update(fileName).update(code);
  const program = hash.digest('hex');
  rmSync(imageFolder, { recursive: true, force: true });
  mkdirSync(imageFolder, { recursive: true });
  for (const { fileName, code } of output) writeFileSync(join(imageFolder, fileName), code.replace(UNNAMED, program));
  // Last: an image without this file is not used.
  writeFileSync(join(imageFolder, 'image.json'), JSON.stringify({ entry: output[0].fileName, inputs }));
}
