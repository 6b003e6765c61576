import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { PlatformError } from '@maru/api/errors';
import { stringify } from 'yaml';
import type { RegisterCommand } from '../command.ts';

interface Flags {
  readonly output: string;
}

/** `maru route train`: a classifier out of labelled or judged requests. */
export const registerRoute: RegisterCommand = (program, { io }) => {
  program
    .command('route')
    .description('classifiers of routes')
    .command('train')
    .description('train a classifier of difficulty on labelled or judged requests')
    .argument('<file>', 'JSON lines: {"prompt" or "messages", "hard": true|false} or {…, "scores": {"small": 0.4, "big": 0.9}}')
    .option('-o, --output <format>', 'yaml (for spec.classifier of a Route) or json', 'yaml')
    .action(async (file: string, flags: Flags) => {
      if (flags.output !== 'yaml' && flags.output !== 'json')
        throw new PlatformError('usage', { message: `--output must be yaml or json, not "${flags.output}"` });
      const { checkClassifier, readTrainingRows, trainClassifier } = await import('#router');
      const rows = readTrainingRows(await readText(file));
      // Every third row is kept back: what a classifier knows by heart says nothing about it.
      const kept = rows.filter((_row, index) => index % 3 === 2);
      const classifier = trainClassifier(
        rows.filter((_row, index) => index % 3 !== 2),
        { source: `${basename(file)}, ${rows.length - kept.length} of ${rows.length} rows` },
      );
      const check = checkClassifier(kept, classifier);
      io.err(
        `trained on ${rows.length - kept.length} rows; of ${kept.length} others ${Math.round(check.accuracy * 100)}% are told right: ` +
          `${check.hardAsEasy} of ${check.hard} hard ones go to the small model, ${check.easyAsHard} of ${check.easy} easy ones to the big one\n`,
      );
      io.out(flags.output === 'json' ? `${JSON.stringify(classifier, null, 2)}\n` : stringify({ classifier }));
    });
};

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new PlatformError('not_found', { message: `${file} can not be read: ${(cause as Error).message}`, cause });
  }
}
