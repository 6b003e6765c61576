import { readFile } from 'node:fs/promises';
import { PlatformError } from '@maru/api/errors';
import type { PickerOptions } from '#cli';
import { readConfig, runsInCluster } from '#config';
import { createHttpClient, type DiscoverySpec, type EndpointFleet, type FleetDeps, type FleetSpec, openEndpointFleet } from '#endpoints';
import { createSelfSigned } from '#http';
import { connectKube, type Kube } from '#kube';
import {
  createFleetPool,
  createPickQueue,
  DEFAULT_SATURATION,
  followObjectives,
  type Objectives,
  readObjectives,
  readPickerConfig,
  startPicker,
} from '#picker';
import { createFlowControl, createPolicy, createProfilePolicy, createRouter, flowSettings, type Policy } from '#router';
import { createLog, type Log } from '#telemetry';
import { type Clock, createIds, createSystemClock, type Ids } from '#time';
import { pickerMetrics } from './picker-metrics.ts';
import { openPickerSide } from './picker-side.ts';
import { stopSignals } from './signals.ts';

const KV_BLOCKS = 10_000_000;

/** `maru picker`: chooses replicas for an Envoy-based gateway, until a signal stops it. */
export async function runPicker(options: PickerOptions): Promise<void> {
  const stop = stopSignals(process);
  const clock = createSystemClock();
  const ids = createIds(() => clock.nowMs());
  const settings = readConfig();
  const { logLevel, maxBodyBytes } = settings;
  const log = createLog(logLevel === 'warn' ? 'info' : logLevel);
  const config = options.config === undefined ? undefined : readPickerConfig(await textOf(options.config), options.config);
  for (const warning of config?.warnings ?? []) log.warn({ warning }, 'something of the picker configuration has no effect');

  const policies = new Map<string, () => Policy>();
  const profile = config?.profile;
  if (profile !== undefined) policies.set(profile.name, () => createProfilePolicy(profile));
  const policy = options.policy ?? profile?.name ?? (config === undefined ? 'maru' : 'approximate-prefix');
  // Said at the start, not at the first request.
  if (!policies.has(policy)) createPolicy(policy);
  const router = createRouter({ clock, ids, policies });
  const cluster = kubeOnce();
  const pool = createFleetPool(options.model, () => fleet, { onGone: (endpoint) => router.forget(endpoint) });
  const client = createHttpClient(clock);
  const fleet: EndpointFleet = openEndpointFleet(specOf(options), depsOf({ clock, ids, log, client, cluster, pool }));
  const saturation = config?.saturation ?? DEFAULT_SATURATION;
  const flow = createFlowControl(clock);
  const usual = flowSettings(undefined);
  const queue =
    options.maxWaitMs === undefined || usual === undefined
      ? undefined
      : createPickQueue({ ...{ flow, pool, router }, settings: { ...usual, saturation, maxWaitMs: options.maxWaitMs } });
  const objectives = await openObjectives(options, { clock, ids, log, cluster });
  try {
    const picker = await startPicker({
      ...{ pool, router, objectives, clock, ids, log, policy, maxBodyBytes },
      listen: options.listen,
      tls: await tlsOf(options, { clock, ids }),
      maxEndpoints: options.maxEndpoints ?? config?.maxEndpoints ?? 1,
      saturation,
      queue,
    });
    const side = await openPickerSide({
      ...{ config: settings, router, clock, ids, log },
      listen: options.metricsListen,
      families: () => pickerMetrics({ picker, pool, fleet, router, flow }),
    }).catch(async (error: unknown) => {
      await picker.close(0);
      throw error;
    });
    const ready = fleet.ready.then(() => picker.setReady(true));
    process.stderr.write(`the picker for "${options.model}" listens on port ${picker.port}, with the policy ${policy}\n`);
    if (side.port !== undefined) process.stderr.write(`its metrics are on port ${side.port}\n`);
    await stopped(stop.signal);
    await picker.close(options.graceMs);
    await side.close();
    await ready.catch(() => undefined);
  } finally {
    await objectives.close();
    await fleet.close();
    await client.close();
    await cluster.close();
    stop.release();
  }
}

const stopped = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

interface Parts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly cluster: Cluster;
}

const depsOf = (parts: Parts & { readonly client: FleetDeps['client']; readonly pool: ReturnType<typeof createFleetPool> }): FleetDeps => ({
  client: parts.client,
  clock: parts.clock,
  log: parts.log,
  random: () => parts.ids.random(),
  kube: () => parts.cluster.kube(),
  running: (address) => parts.pool.running(address),
  onChange: () => parts.pool.changed(),
  onDegradation: ({ name, endpoint, detail }) => parts.log.warn({ endpoint, degradation: name, detail }, 'less is known of an endpoint than should be'),
});

interface Cluster {
  kube(): Promise<Kube>;
  close(): Promise<void>;
}

/** Connects at the first use. */
function kubeOnce(): Cluster {
  let kube: Promise<Kube> | undefined;
  return {
    kube: () => {
      kube ??= connectKube(runsInCluster() ? { type: 'in-cluster' } : { type: 'kubeconfig' });
      return kube;
    },
    close: async () => void (await (await kube?.catch(() => undefined))?.close()),
  };
}

function discoveryOf({ endpoints, pool, namespace }: PickerOptions): DiscoverySpec {
  if ((pool === undefined) === (endpoints.length === 0))
    throw new PlatformError('usage', { message: 'name the replicas by --endpoint, or an InferencePool by --pool, and not both' });
  return pool === undefined
    ? { type: 'list', urls: endpoints.map((address) => `http://${address}`), prefillUrls: [] }
    : { type: 'pool', name: pool, namespace };
}

const specOf = (options: PickerOptions): FleetSpec => ({
  model: options.model,
  servedName: options.model,
  engine: options.engine,
  discovery: discoveryOf(options),
  metrics: { path: options.engine === 'tensorrt-llm' ? '/prometheus/metrics' : '/metrics', everyMs: 500, models: [] },
  kvEvents:
    options.kvEventsPort === undefined
      ? undefined
      : { port: options.kvEventsPort, replayPort: options.kvReplayPort, topic: undefined, ranks: 1, maxBlocks: KV_BLOCKS },
  tokenizer: options.tokenizer,
  tokenizerThreads: 1,
  selfCheckMs: 600_000,
});

/** Those of the files go before those of the cluster. */
async function openObjectives(options: PickerOptions, { clock, ids, log, cluster }: Parts): Promise<Objectives & { close(): Promise<void> }> {
  const files = await Promise.all(options.objectives.map(async (file) => readObjectives(await textOf(file), file)));
  const followed =
    options.pool === undefined ? undefined : followObjectives(options.namespace, { kube: await cluster.kube(), clock, log, random: () => ids.random() });
  return {
    priorityOf: (name) => files.map((priorities) => priorities.get(name)).find((priority) => priority !== undefined) ?? followed?.priorityOf(name),
    close: async () => followed?.close(),
  };
}

async function tlsOf({ tls }: PickerOptions, parts: { readonly clock: Clock; readonly ids: Ids }): Promise<{ certificate: Buffer; key: Buffer } | undefined> {
  if (tls === undefined) return undefined;
  if (tls === 'self-signed') return createSelfSigned('maru-picker', parts);
  return { certificate: await bytesOf(tls.certificate), key: await bytesOf(tls.key) };
}

const bytesOf = (path: string): Promise<Buffer> =>
  readFile(path).catch((cause: unknown) => {
    throw new PlatformError('config_invalid', { message: `can not read ${path}: ${(cause as Error).message}`, cause });
  });

const textOf = async (path: string): Promise<string> => (await bytesOf(path)).toString('utf8');
