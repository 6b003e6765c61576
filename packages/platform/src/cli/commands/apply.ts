import { readFile } from 'node:fs/promises';
import { PlatformError } from '@maru/api/errors';
import { applyReplySchema } from '@maru/api/wire';
import { type ClientFlags, readVariable } from '#config';
import { loadFiles } from '#resources';
import { clientOf, collect, type RegisterCommand, withServer } from '../command.ts';

export const registerApply: RegisterCommand = (program, { io }) => {
  withServer(
    program
      .command('apply')
      .description('create or change resources')
      .option('-f, --file <path>', 'file, folder, or - for standard input (repeat for more)', collect, []),
  ).action(async (flags: ClientFlags & { file: string[] }) => {
    if (flags.file.length === 0) throw new PlatformError('usage', { message: 'name a file: maru apply -f model.yaml' });
    const texts = await Promise.all(flags.file.map((path) => (path === '-' ? io.readStdin() : textOf(path))));
    const report = await clientOf(flags).call({
      method: 'POST',
      path: '/api/v1/resources:apply',
      body: { yaml: texts.join('\n---\n') },
      schema: applyReplySchema,
      signal: io.signal,
    });
    for (const key of report.created) io.out(`${key} created\n`);
    for (const key of report.changed) io.out(`${key} changed\n`);
    for (const key of report.unchanged) io.out(`${key} unchanged\n`);
  });
};

/** The YAML of a file or folder; problems are reported by the platform for files, here for whole folders. */
async function textOf(path: string): Promise<string> {
  const { files } = await loadFiles([path], { environment: readVariable });
  return (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('\n---\n');
}
