import { PlatformError } from '@maru/api/errors';
import { durationToMs } from '@maru/api/resources';
import { applyReplySchema } from '@maru/api/wire';
import type { ClientFlags } from '#config';
import { createSystemClock } from '#time';
import { type ClusterFlags, withCluster } from '../cluster/cluster-flags.ts';
import { nameOf, renderFiles } from '../cluster/render-files.ts';
import { waitForObjects } from '../cluster/wait-for-objects.ts';
import { type CliContext, clientOf, collect, type RegisterCommand, withServer } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { loadResources } from '../load-resources.ts';
import { waitForModels } from '../smoke/wait-for-models.ts';
import { textOfFiles } from '../text-of-files.ts';

type Flags = ClientFlags & ClusterFlags & { readonly file: string[]; readonly wait: string };

export const registerDeploy: RegisterCommand = (program, context) => {
  withServer(
    withCluster(
      program
        .command('deploy')
        .description('apply resources, and wait until they serve')
        .option('-f, --file <path>', 'file or folder (repeat for more)', collect, [])
        .option('--wait <duration>', 'longest time until everything is ready', '10m'),
    ),
  ).action((flags: Flags) => (flags.kube ? deployToCluster(flags, context) : deployToPlatform(flags, context)));
};

async function deployToPlatform(flags: Flags, { io, exit }: CliContext): Promise<void> {
  const resources = await loadResources(flags.file);
  const client = clientOf(flags);
  const body = { yaml: await textOfFiles(flags.file, io) };
  const report = await client.call({ method: 'POST', path: '/api/v1/resources:apply', body, schema: applyReplySchema, signal: io.signal });
  for (const [what, keys] of Object.entries({ created: report.created, changed: report.changed, unchanged: report.unchanged }))
    for (const key of keys) io.out(`${key} ${what}\n`);
  const models = resources.filter(({ kind }) => kind === 'Model').map(({ metadata }) => metadata.name);
  const states = await waitForModels(models, { client, clock: createSystemClock(), timeoutMs: waitMs(flags), signal: io.signal });
  for (const { name, endpoints } of states) io.out(`Model/${name} ${endpoints === 0 ? 'has no endpoint' : `is served by ${endpoints} endpoints`}\n`);
  if (states.some(({ endpoints }) => endpoints === 0)) exit(EXIT.failed);
}

async function deployToCluster(flags: Flags, { io, ports, exit }: CliContext): Promise<void> {
  const rendered = await renderFiles(flags.file, flags);
  const kube = await ports.kube(flags);
  try {
    const known = await Promise.all(rendered.map(({ apiVersion, kind }) => kube.serves(apiVersion, kind, { signal: io.signal })));
    // Alerts and metrics are of use only where somebody reads them; everything else is what was asked for.
    const missing = rendered.filter((object, index) => known[index] === false && !OPTIONAL.has(object.kind));
    if (missing.length > 0)
      throw new PlatformError('cluster_rejected', {
        message: `the cluster does not know ${[...new Set(missing.map(({ apiVersion, kind }) => `${kind} (${apiVersion})`))].join(', ')}; install what brings it`,
      });
    const objects = rendered.filter((_object, index) => known[index] === true);
    for (const object of objects) {
      await kube.apply(object, { signal: io.signal });
      io.out(`${nameOf(object)} applied\n`);
    }
    const states = await waitForObjects(objects, {
      kube,
      clock: createSystemClock(),
      timeoutMs: waitMs(flags),
      signal: io.signal,
      onChange: ({ name, state, detail }) => io.err(`${name} ${state}: ${detail}\n`),
    });
    if (states.some(({ state }) => state !== 'ready')) exit(EXIT.failed);
  } finally {
    await kube.close();
  }
}

const OPTIONAL: ReadonlySet<string> = new Set(['ServiceMonitor', 'PrometheusRule']);

function waitMs({ wait }: Flags): number {
  if (/^\d+(ms|s|m|h)$/.test(wait)) return durationToMs(wait);
  throw new PlatformError('usage', { message: `--wait must be a duration such as 90s or 10m, not "${wait}"` });
}
