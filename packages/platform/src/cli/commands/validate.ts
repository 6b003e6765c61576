import { PlatformError } from '@maru/api/errors';
import { readVariable } from '#config';
import { checkSet, formatProblem, loadFiles } from '#resources';
import { collect, type RegisterCommand } from '../command.ts';

export const registerValidate: RegisterCommand = (program, { io }) => {
  program
    .command('validate')
    .description('check resources without a running platform')
    .argument('[paths...]', 'files or folders')
    .option('-f, --file <path>', 'file or folder (repeat for more)', collect, [])
    .action(async (paths: string[], flags: { file: string[] }) => {
      const all = [...paths, ...flags.file];
      if (all.length === 0) throw new PlatformError('usage', { message: 'name a file or a folder: maru validate examples/quickstart' });
      const loaded = await loadFiles(all, { environment: readVariable });
      const problems = [...loaded.problems, ...checkSet(loaded.resources)];
      for (const warning of loaded.warnings) io.err(`warning: ${warning}\n`);
      if (problems.length > 0)
        throw new PlatformError('resource_invalid', {
          message: `${problems.map(formatProblem).join('\n')}\n${problems.length} ${problems.length === 1 ? 'problem' : 'problems'} found`,
        });
      io.out(`${loaded.resources.length} ${loaded.resources.length === 1 ? 'resource is' : 'resources are'} valid\n`);
    });
};
