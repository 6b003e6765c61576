import { PlatformError } from '@maru/api/errors';
import { applyReplySchema } from '@maru/api/wire';
import type { ClientFlags } from '#config';
import { clientOf, collect, type RegisterCommand, withServer } from '../command.ts';
import { textOfFiles } from '../text-of-files.ts';

export const registerApply: RegisterCommand = (program, { io }) => {
  withServer(
    program
      .command('apply')
      .description('create or change resources')
      .option('-f, --file <path>', 'file, folder, or - for standard input (repeat for more)', collect, []),
  ).action(async (flags: ClientFlags & { file: string[] }) => {
    if (flags.file.length === 0) throw new PlatformError('usage', { message: 'name a file: maru apply -f model.yaml' });
    const report = await clientOf(flags).call({
      method: 'POST',
      path: '/api/v1/resources:apply',
      body: { yaml: await textOfFiles(flags.file, io) },
      schema: applyReplySchema,
      signal: io.signal,
    });
    for (const key of report.created) io.out(`${key} created\n`);
    for (const key of report.changed) io.out(`${key} changed\n`);
    for (const key of report.unchanged) io.out(`${key} unchanged\n`);
  });
};
