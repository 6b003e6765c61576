import { FACTORS } from './catalogue.ts';
import type { Workload } from './demand.ts';
import { formatBytes, formatMs, formatUsd } from './format.ts';
import type { SizeOption, SizePlan } from './size-plan.ts';

/** The arithmetic of a plan in sentences that a person can check. */
export function explainPlan(workload: Workload, plan: Omit<SizePlan, 'reasoning'>): readonly string[] {
  const { architecture: model } = workload;
  const { choice } = plan;
  const sequence = workload.inputTokens + workload.outputTokens;
  const limits = [
    ...(Number.isFinite(workload.ttftMs) ? [`first token within ${formatMs(workload.ttftMs)}`] : []),
    ...(Number.isFinite(workload.itlMs) ? [`${formatMs(workload.itlMs)} between tokens`] : []),
  ];
  return [
    `${model.id}: ${billions(model.parameters)} parameters${model.activeParameters === undefined ? '' : ` (${billions(model.activeParameters)} active)`}, ${model.layers} layers, ${kvShape(workload)} (${model.source})`,
    `demand: ${workload.rps} requests/s of ${workload.inputTokens} tokens in and ${workload.outputTokens} out${limits.length === 0 ? '' : `, ${limits.join(', ')}`}`,
    `weights in ${precisionName(workload)}: ${formatBytes(plan.weightsBytes)}`,
    `KV cache: ${formatBytes(plan.kvBytesPerToken)} per token, ${formatBytes(plan.kvBytesPerSequence)} per request of ${sequence} tokens`,
    `one replica needs at least ${formatBytes(plan.minReplicaBytes)}; ${choice.gpusUsed / choice.replicas} x ${choice.gpu} (${placement(choice)}) hold the weights and ${choice.kvTokens.toLocaleString('en-US')} tokens of KV at ${FACTORS.gpuMemoryUse} of their memory`,
    `one replica takes ${choice.peakRpsPerReplica.toFixed(2)} requests/s with ${choice.peakConcurrencyPerReplica} in flight; more is stopped by ${choice.boundBy}`,
    `${workload.rps} requests/s and ${FACTORS.loadHeadroom * 100} % headroom need ${plural(choice.replicas, 'replica')} on ${plural(choice.instances, choice.instance)} (${choice.gpusUsed} of ${plural(choice.gpusRented, 'GPU')} used)`,
    `expected at this load: first token after ${formatMs(choice.ttftMs)}, then one every ${formatMs(choice.itlMs)}, ${choice.concurrencyPerReplica.toFixed(1)} in flight per replica`,
    `cost: ${formatUsd(choice.costNanoUsdPerHour)} per hour, ${formatUsd(choice.costNanoUsdPerMonth)} per month, ${formatUsd(choice.costNanoUsdPerMillionTokens)} per million tokens (${plan.prices.capacityType}, ${plan.prices.region}, prices of ${plan.prices.date})`,
    ...(plan.prices.capacityType === 'spot'
      ? [`spot is taken as ${FACTORS.spotShareOfOnDemand} of the on-demand price; look at the market before you rely on it`]
      : []),
    ...plan.alternatives.map(
      (option) =>
        `instead: ${plural(option.instances, option.instance)} (${placement(option)}, ${plural(option.replicas, 'replica')}) for ${formatUsd(option.costNanoUsdPerHour)} per hour, first token ${formatMs(option.ttftMs)}, then ${formatMs(option.itlMs)}`,
    ),
  ];
}

const billions = (count: number): string => `${(count / 1e9).toFixed(count < 1e10 ? 2 : 1)}B`;
const placement = (option: SizeOption): string =>
  `TP${option.tensorParallel}${option.pipelineParallel === 1 ? '' : `, PP${option.pipelineParallel} over nodes`}`;
const plural = (count: number, noun: string): string => (noun.includes('.') ? `${count} x ${noun}` : `${count} ${noun}${count === 1 ? '' : 's'}`);
const precisionName = (workload: Workload): string => (workload.precision === 'native' ? 'the precision of the checkpoint' : workload.precision);

function kvShape(workload: Workload): string {
  const { architecture: model } = workload;
  if (model.kvLatentDim !== undefined) return `latent attention of ${model.kvLatentDim} elements`;
  const window = model.slidingWindow === undefined ? '' : `, ${model.layers - model.slidingWindow.fullLayers} layers see ${model.slidingWindow.tokens} tokens`;
  return `${model.kvHeads} KV heads of ${model.headDim}${window}`;
}
