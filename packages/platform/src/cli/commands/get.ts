import { PlatformError } from '@maru/api/errors';
import { KINDS, type Kind } from '@maru/api/resources';
import { resourceListSchema } from '@maru/api/wire';
import type { z } from 'zod';
import type { ClientFlags } from '#config';
import { clientOf, type RegisterCommand, withServer } from '../command.ts';
import { parseTarget } from '../kind-name.ts';
import { type Column, formatListing, parseOutput } from '../output.ts';

type Item = z.infer<typeof resourceListSchema>['items'][number];

export const registerGet: RegisterCommand = (program, { io }) => {
  withServer(
    program
      .command('get')
      .description('list resources')
      .argument('[kind]', 'kind, or kind/name')
      .argument('[name]', 'name')
      .option('-o, --output <format>', 'table, json or yaml', 'table'),
  ).action(async (first: string | undefined, second: string | undefined, flags: ClientFlags & { output: string }) => {
    const output = parseOutput(flags.output);
    const target = first === undefined ? undefined : parseTarget(first, second);
    const { items } = await clientOf(flags).call({
      path: `/api/v1/resources${target === undefined ? '' : `?kind=${target.kind}`}`,
      schema: resourceListSchema,
      signal: io.signal,
    });
    const rows = target?.name === undefined ? items : items.filter((item) => item.metadata.name === target.name);
    if (target?.name !== undefined && rows.length === 0)
      throw new PlatformError('not_found', { message: `there is no ${target.kind} called "${target.name}"` });
    const data = target?.name === undefined ? rows : rows[0];
    io.out(formatListing({ rows, columns: target === undefined ? ALL_COLUMNS : columnsOf(target.kind), data, empty: 'no resources' }, output));
  });
};

const NAME: Column<Item> = { title: 'name', value: (item) => item.metadata.name };
const ALL_COLUMNS: readonly Column<Item>[] = [
  { title: 'kind', value: (item) => item.kind },
  NAME,
  { title: 'phase', value: (item) => item.status?.phase },
  { title: 'message', value: (item) => item.status?.message },
];

/** The printer columns of the kind, as `kubectl get` shows them. */
const columnsOf = (kind: Kind): readonly Column<Item>[] => [
  NAME,
  ...KINDS[kind].columns.map((column) => ({ title: column.name, value: (item: Item) => readPath(item, column.jsonPath) })),
];

function readPath(item: Item, path: string): string | number | undefined {
  let value: unknown = item;
  for (const part of path.split('.').filter((name) => name !== ''))
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[part] : undefined;
  return typeof value === 'string' || typeof value === 'number' ? value : undefined;
}
