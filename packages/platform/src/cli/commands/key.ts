import { PlatformError } from '@maru/api/errors';
import { nanoToUsd } from '@maru/api/records';
import { createdKeySchema, keyInfoSchema, keyListSchema } from '@maru/api/wire';
import type { ClientFlags } from '#config';
import { clientOf, collect, type RegisterCommand, withServer } from '../command.ts';
import { formatListing, parseOutput } from '../output.ts';

interface CreateFlags extends ClientFlags {
  readonly tenant: string;
  readonly model: string[];
  readonly budget?: string;
  readonly rpm?: string;
}

export const registerKey: RegisterCommand = (program, { io }) => {
  const key_ = program.command('key').description('create, list, rotate, block and revoke keys');
  withServer(
    key_
      .command('create')
      .description('make a key; its secret is printed once')
      .argument('<name>', 'what it is for')
      .option('--tenant <name>', 'tenant that pays', 'default')
      .option('--model <name>', 'allow only this model (repeat for more)', collect, [])
      .option('--budget <usd>', 'most that it may spend in total')
      .option('--rpm <number>', 'requests per minute'),
  ).action(async (name: string, flags: CreateFlags) => {
    const body = {
      name,
      tenant: flags.tenant,
      ...(flags.model.length === 0 ? {} : { models: flags.model }),
      ...(flags.budget === undefined ? {} : { budgets: [{ usd: number(flags.budget, '--budget'), window: 'total' }] }),
      ...(flags.rpm === undefined ? {} : { limits: { requestsPerMinute: number(flags.rpm, '--rpm') } }),
    };
    const created = await clientOf(flags).call({ method: 'POST', path: '/api/v1/keys', body, schema: createdKeySchema, signal: io.signal });
    io.out(`${created.secret}\n`);
    io.err(`key ${created.key.id} of tenant ${created.key.tenant}; the secret is not shown again\n`);
  });
  withServer(key_.command('list').description('list keys').option('-o, --output <format>', 'table, json or yaml', 'table')).action(
    async (flags: ClientFlags & { output: string }) => {
      const { items } = await clientOf(flags).call({ path: '/api/v1/keys', schema: keyListSchema, signal: io.signal });
      const columns = [
        { title: 'id', value: (key: (typeof items)[number]) => key.id },
        { title: 'name', value: (key: (typeof items)[number]) => key.name },
        { title: 'key', value: (key: (typeof items)[number]) => `${key.prefix}...` },
        { title: 'tenant', value: (key: (typeof items)[number]) => key.tenant },
        { title: 'spent usd', value: (key: (typeof items)[number]) => nanoToUsd(key.spentNanoUsd).toFixed(4), align: 'right' as const },
        { title: 'state', value: (key: (typeof items)[number]) => (key.revokedMs === null ? (key.blocked ? 'blocked' : 'active') : 'revoked') },
      ];
      io.out(formatListing({ rows: items, columns, empty: 'no keys' }, parseOutput(flags.output)));
    },
  );
  withServer(
    key_
      .command('rotate')
      .description('give a key a new secret, printed once')
      .argument('<id>', 'id of the key')
      .option('--grace <minutes>', 'how long the secret before goes on working', '0'),
  ).action(async (id: string, flags: ClientFlags & { grace: string }) => {
    const body = { graceMs: Math.round(number(flags.grace, '--grace') * 60_000) };
    const path = `/api/v1/keys/${encodeURIComponent(id)}/rotate`;
    const rotated = await clientOf(flags).call({ method: 'POST', path, body, schema: createdKeySchema, signal: io.signal });
    io.out(`${rotated.secret}\n`);
    io.err(`key ${id} has a new secret, which is not shown again\n`);
  });
  for (const [verb, blocked] of [
    ['block', true],
    ['unblock', false],
  ] as const)
    withServer(key_.command(verb).description(`${verb} a key`).argument('<id>', 'id of the key')).action(async (id: string, flags: ClientFlags) => {
      const path = `/api/v1/keys/${encodeURIComponent(id)}`;
      await clientOf(flags).call({ method: 'PATCH', path, body: { blocked }, schema: keyInfoSchema, signal: io.signal });
      io.out(`${id} ${verb}ed\n`);
    });
  withServer(key_.command('revoke').description('revoke a key at once').argument('<id>', 'id of the key')).action(async (id: string, flags: ClientFlags) => {
    await clientOf(flags).call({ method: 'DELETE', path: `/api/v1/keys/${encodeURIComponent(id)}`, signal: io.signal });
    io.out(`${id} revoked\n`);
  });
};

function number(text: string, flag: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new PlatformError('usage', { message: `${flag} must be a number, not "${text}"` });
  return value;
}
