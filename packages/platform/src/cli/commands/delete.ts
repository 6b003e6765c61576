import { readFile } from 'node:fs/promises';
import { PlatformError } from '@maru/api/errors';
import type { ClientFlags } from '#config';
import { parseResources } from '#resources';
import { clientOf, collect, type RegisterCommand, withServer } from '../command.ts';
import { parseTarget } from '../kind-name.ts';

export const registerDelete: RegisterCommand = (program, { io }) => {
  withServer(
    program
      .command('delete')
      .description('delete resources')
      .argument('[kind]', 'kind, or kind/name')
      .argument('[name]', 'name')
      .option('-f, --file <path>', 'delete what the file names (repeat for more)', collect, []),
  ).action(async (first: string | undefined, second: string | undefined, flags: ClientFlags & { file: string[] }) => {
    const targets = (await Promise.all(flags.file.map(targetsOfFile))).flat();
    if (first !== undefined) {
      const { kind, name } = parseTarget(first, second);
      if (name === undefined) throw new PlatformError('usage', { message: `name one: maru delete ${kind.toLowerCase()}/NAME` });
      targets.push({ kind, name });
    }
    if (targets.length === 0) throw new PlatformError('usage', { message: 'name a resource or a file: maru delete model/reader' });
    for (const { kind, name } of targets) {
      await clientOf(flags).call({ method: 'DELETE', path: `/api/v1/resources/${kind}/${encodeURIComponent(name)}`, signal: io.signal });
      io.out(`${kind}/${name} deleted\n`);
    }
  });
};

/** In the reverse order of the file, so that what uses a thing goes before the thing. */
async function targetsOfFile(path: string): Promise<{ kind: string; name: string }[]> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new PlatformError('not_found', { message: `"${path}" can not be read`, cause });
  });
  return parseResources(text, { file: path })
    .resources.map(({ resource }) => ({ kind: resource.kind, name: resource.metadata.name }))
    .reverse();
}
