import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PlatformError } from '@maru/api/errors';

/** The folder of the package, whether it runs from `src` or from `dist`. */
const PACKAGE = join(import.meta.dirname, '..', '..');
const CHECKOUT = join(PACKAGE, '..', '..');

/** The built console: beside the package when it was installed, in its workspace in a checkout. */
export const consoleDir = (): string => firstOf('the built console', [join(PACKAGE, 'console'), join(CHECKOUT, 'packages/console/dist')], 'index.html');

/** The stack that comes up when no files are named. */
export const quickstartDir = (): string =>
  firstOf('the quickstart', [join(PACKAGE, 'examples/quickstart'), join(CHECKOUT, 'examples/quickstart')], 'models.yaml');

const TRACES = [
  { id: 'mooncake-conversation', title: 'Mooncake conversations', file: 'mooncake-conversation.jsonl' },
  { id: 'azure-llm-2023-conv', title: 'Azure conversations, 2023', file: 'azure-llm-2023-conv.csv' },
];

/** Recorded traces that stand beside the program; a checkout has them, a package does not. */
export const embeddedTraces = (): readonly { readonly id: string; readonly title: string; readonly path: string }[] =>
  TRACES.map(({ id, title, file }) => ({ id, title, path: join(CHECKOUT, 'bench/data/traces', file) })).filter(({ path }) => existsSync(path));

function firstOf(what: string, folders: readonly string[], file: string): string {
  const found = folders.find((folder) => existsSync(join(folder, file)));
  if (found === undefined)
    throw new PlatformError('data_corrupt', { message: `${what} is missing from this installation; install again, or run "npm start" once in a checkout` });
  return found;
}

/** The program as a person starts it. */
export const launcher = (): string => join(PACKAGE, 'bin', 'maru.js');
