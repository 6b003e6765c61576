import { PlatformError } from '@maru/api/errors';
import { resourceDetailSchema } from '@maru/api/wire';
import { stringify } from 'yaml';
import type { ClientFlags } from '#config';
import { clientOf, type RegisterCommand, withServer } from '../command.ts';
import { parseTarget } from '../kind-name.ts';
import { parseOutput } from '../output.ts';

export const registerDescribe: RegisterCommand = (program, { io }) => {
  withServer(
    program
      .command('describe')
      .description('show a resource, its status and its neighbours')
      .argument('<kind>', 'kind, or kind/name')
      .argument('[name]', 'name')
      .option('-o, --output <format>', 'table, json or yaml', 'table'),
  ).action(async (first: string, second: string | undefined, flags: ClientFlags & { output: string }) => {
    const output = parseOutput(flags.output);
    const { kind, name } = parseTarget(first, second);
    if (name === undefined) throw new PlatformError('usage', { message: `name one: maru describe ${kind.toLowerCase()}/NAME` });
    const detail = await clientOf(flags).call({
      path: `/api/v1/resources/${kind}/${encodeURIComponent(name)}`,
      schema: resourceDetailSchema,
      signal: io.signal,
    });
    if (output === 'json') return io.out(`${JSON.stringify(detail.resource, null, 2)}\n`);
    if (output === 'yaml') return io.out(`${detail.yaml}\n`);
    const { resource } = detail;
    const lines = [
      `${resource.kind}/${resource.metadata.name}`,
      `phase     ${resource.status?.phase ?? 'unknown'}${resource.status?.message === undefined ? '' : `: ${resource.status.message}`}`,
    ];
    if (detail.uses.length > 0) lines.push(`uses      ${detail.uses.join(', ')}`);
    if (detail.usedBy.length > 0) lines.push(`used by   ${detail.usedBy.join(', ')}`);
    io.out(`${lines.join('\n')}\n\n${stringify({ spec: resource.spec, ...(resource.status === undefined ? {} : { status: resource.status }) })}`);
  });
};
