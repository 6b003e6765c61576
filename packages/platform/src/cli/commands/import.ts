import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { PlatformError } from '@maru/api/errors';
import { z } from 'zod';
import { type ClientFlags, readVariable } from '#config';
import { checkSet, formatProblem, importLitellm } from '#resources';
import { openForeignPostgres } from '#store';
import { clientOf, type RegisterCommand, withServer } from '../command.ts';
import type { CliIo } from '../io.ts';
import { formatImport } from '../litellm/format-import.ts';
import { type LitellmRows, readLitellmDatabase } from '../litellm/read-database.ts';

interface Flags extends ClientFlags {
  readonly databaseUrl?: string;
}

export const registerImport: RegisterCommand = (program, { io }) => {
  const parent = program.command('import').description('turn the files of another gateway into resources');
  withServer(
    parent
      .command('litellm')
      .description('print the resources that a LiteLLM config.yaml stands for; copy the keys of its database')
      .argument('[file]', 'config.yaml')
      .option('--database-url <url>', 'PostgreSQL of LiteLLM: its keys, teams, users and what they have spent are copied into the running platform'),
  ).action(async (file: string | undefined, flags: Flags) => {
    if (file === undefined && flags.databaseUrl === undefined) throw new PlatformError('usage', { message: 'name a file: maru import litellm config.yaml' });
    if (file !== undefined) await printResources(file, io);
    if (flags.databaseUrl !== undefined) await copyDatabase(flags.databaseUrl, flags, io);
  });
};

async function printResources(file: string, io: CliIo): Promise<void> {
  const path = resolve(file);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new PlatformError('not_found', { message: `"${file}" can not be read: ${(cause as Error).message}`, cause });
  });
  const imported = await importLitellm(text, { file: path, environment: readVariable });
  const problems = [...imported.problems, ...checkSet(imported.resources)];
  if (problems.length > 0) throw new PlatformError('resource_invalid', { message: problems.map(formatProblem).join('\n') });
  io.out(formatImport(imported, file));
  if (imported.secrets.size > 0)
    io.err(
      `${imported.secrets.size} secrets stand in the file: set the variables ${[...imported.secrets.keys()].join(', ')} to them before you use these resources\n`,
    );
}

const replySchema = z.object({ imported: z.record(z.string(), z.number()), skipped: z.array(z.string()) });
const MAX_ROWS = 5000;

async function copyDatabase(url: string, flags: ClientFlags, io: CliIo): Promise<void> {
  const database = await openForeignPostgres(url);
  const rows = await readLitellmDatabase(database).finally(() => database.close());
  const client = clientOf(flags);
  const total: Record<string, number> = {};
  const kinds = Object.keys(rows) as (keyof LitellmRows)[];
  // Accounts and their keys go together: what a key has spent counts for its team, before the rates of the team hold.
  for (let from = 0; kinds.some((kind) => rows[kind].length > from); from += MAX_ROWS) {
    const body = Object.fromEntries(kinds.map((kind) => [kind, rows[kind].slice(from, from + MAX_ROWS)]));
    const reply = await client.call({ method: 'POST', path: '/api/v1/litellm/import', body, schema: replySchema, signal: io.signal });
    for (const kind of kinds) total[kind] = (total[kind] ?? 0) + (reply.imported[kind] ?? 0);
    for (const skipped of reply.skipped) io.err(`not taken over: ${skipped}\n`);
  }
  io.out(
    `${
      Object.entries(total)
        .map(([kind, count]) => `${count} ${kind}`)
        .join(', ') || 'nothing'
    } copied\n`,
  );
}
