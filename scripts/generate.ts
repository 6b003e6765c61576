// Writes every generated file; with --check it only says which ones are stale, and fails.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { crdFiles } from './generate/crds.ts';
import { errorPage } from './generate/error-page.ts';
import { formatPage } from './generate/format-page.ts';
import { jsonSchemaFiles } from './generate/json-schemas.ts';
import { providerPage } from './generate/provider-page.ts';
import { resourcePages } from './generate/resource-pages.ts';

const root = join(import.meta.dirname, '..');
const checkOnly = process.argv.includes('--check');
const files: Readonly<Record<string, string>> = {
  ...errorPage(),
  ...resourcePages(),
  ...jsonSchemaFiles(),
  ...crdFiles(),
  ...(await formatPage()),
  ...providerPage(),
};

const stale = Object.entries(files).filter(([path, text]) => read(join(root, path)) !== text);
if (checkOnly) {
  for (const [path] of stale) process.stderr.write(`${path} is stale; run "npm run generate"\n`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  for (const [path, text] of stale) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    process.stdout.write(`wrote ${path}\n`);
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
