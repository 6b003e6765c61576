// Makes the start image: the program bundled with the libraries of many files that it loads at once. What has changed since runs from its sources.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';
import { freshImage, imageFolderOf, stampOf } from '../packages/platform/bin/start-image.js';

/** Loaded by every start, in tens of files each; all others stay where npm put them. */
const INLINED = new Set(['commander', 'kysely', 'yaml', 'zod']);
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
    if (!id.startsWith(join(root, 'packages')) || !code.includes('import.meta.')) return null;
    return code
      .replaceAll('import.meta.dirname', JSON.stringify(dirname(id)))
      .replaceAll('import.meta.filename', JSON.stringify(id))
      .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href));
  },
};

const isOurs = (id) => /^[./#]/.test(id) || id.startsWith('@maru/') || INLINED.has(id);

if (freshImage(root) === undefined) {
  const inputs = Object.fromEntries(ALSO_INPUTS.map((path) => [path, stampOf(root, path)]));
  const bundle = await rolldown({
    input: join(root, 'packages/platform/src/cmd/maru.ts'),
    platform: 'node',
    external: (id) => !isOurs(id),
    plugins: [stampSources(inputs), keepPlaces],
  });
  rmSync(imageFolder, { recursive: true, force: true });
  const { output } = await bundle.write({ dir: imageFolder, format: 'esm', entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' });
  await bundle.close();
  mkdirSync(imageFolder, { recursive: true });
  // Last: an image without this file is not used.
  writeFileSync(join(imageFolder, 'image.json'), JSON.stringify({ entry: output[0].fileName, inputs }));
}
