import { PlatformError } from '@maru/api/errors';
import type { Model } from '@maru/api/resources';
import { type ClientFlags, readClientConfig } from '#config';
import { createIds, createSystemClock } from '#time';
import { type ClusterFlags, withCluster } from '../cluster/cluster-flags.ts';
import { renderFiles } from '../cluster/render-files.ts';
import { waitForObjects } from '../cluster/wait-for-objects.ts';
import { type CliContext, clientOf, collect, type RegisterCommand, withServer } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { loadResources } from '../load-resources.ts';
import { createAsker } from '../smoke/ask.ts';
import { type Check, checkModel } from '../smoke/check-model.ts';

type Flags = ClientFlags & ClusterFlags & { readonly file: string[] };

export const registerTest: RegisterCommand = (program, context) => {
  withServer(
    withCluster(
      program
        .command('test')
        .description('ask what runs: who served, caches, prefill and decode')
        .option('-f, --file <path>', 'file or folder of the models (repeat for more)', collect, []),
    ),
  ).action((flags: Flags) => (flags.kube ? testCluster(flags, context) : testPlatform(flags, context)));
};

async function testPlatform(flags: Flags, { io, exit }: CliContext): Promise<void> {
  const models = (await loadResources(flags.file)).filter(
    (resource): resource is Model => resource.kind === 'Model' && resource.spec.capabilities.includes('chat'),
  );
  if (models.length === 0) throw new PlatformError('usage', { message: 'the files name no Model that can chat' });
  const clock = createSystemClock();
  const ids = createIds(() => clock.nowMs());
  for (const model of models) {
    const asker = createAsker({ model: model.metadata.name, server: readClientConfig(flags), client: clientOf(flags), clock, signal: io.signal });
    const checks = await checkModel(model, asker, () => ids.next('topic'));
    for (const check of checks) io.out(lineOf(model.metadata.name, check));
    if (checks.some(({ ok }) => !ok)) exit(EXIT.failed);
  }
}

/** On a cluster: whether everything that the files make is there and ready. Requests go through `--server`, where one is reachable. */
async function testCluster(flags: Flags, { io, ports, exit }: CliContext): Promise<void> {
  const rendered = await renderFiles(flags.file, flags);
  const kube = await ports.kube(flags);
  try {
    const states = await waitForObjects(rendered, { kube, clock: createSystemClock(), timeoutMs: 0, signal: io.signal, onChange: () => undefined });
    for (const { name, state, detail } of states) io.out(lineOf(name, { name: state, ok: state === 'ready', detail }));
    if (states.some(({ state }) => state !== 'ready')) exit(EXIT.failed);
  } finally {
    await kube.close();
  }
}

const lineOf = (of: string, { name, ok, detail }: Check): string => `${ok ? 'ok    ' : 'FAILED'}  ${of}  ${name}: ${detail}\n`;
