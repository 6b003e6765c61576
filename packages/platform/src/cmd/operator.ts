import { hostname } from 'node:os';
import type { OperatorOptions } from '#cli';
import { readConfig, runsInCluster } from '#config';
import { connectKube, type KubeAccess } from '#kube';
import { createOperator } from '#operator';
import { createLog } from '#telemetry';
import { createIds, createSystemClock } from '#time';
import { stopSignals } from './signals.ts';

/** `maru operator`: keeps a cluster as its resources say, until a signal stops it. */
export async function runOperator(options: OperatorOptions): Promise<void> {
  const stop = stopSignals(process);
  const clock = createSystemClock();
  const ids = createIds(() => clock.nowMs());
  const kube = await connectKube(accessOf(options));
  const operator = createOperator({
    kube,
    clock,
    ids,
    log: createLog(readConfig().logLevel === 'warn' ? 'info' : readConfig().logLevel),
    namespace: options.leaseNamespace,
    identity: `${hostname()}-${ids.spanId()}`,
    watchNamespace: options.namespace,
    render: options.clusterName === undefined ? {} : { clusterName: options.clusterName },
  });
  process.stderr.write('the operator runs; it works as soon as it holds the lease\n');
  await new Promise<void>((resolve) => {
    if (stop.signal.aborted) resolve();
    else stop.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await operator.close();
  stop.release();
}

/** The cluster that flags name; the one it runs in, where they name none. */
export const accessOf = (options: Pick<OperatorOptions, 'kubeconfig' | 'context'>): KubeAccess =>
  options.kubeconfig === undefined && options.context === undefined && runsInCluster()
    ? { type: 'in-cluster' }
    : { type: 'kubeconfig', path: options.kubeconfig, context: options.context };
