import { PlatformError } from '@maru/api/errors';
import type { Architecture } from './catalogue.ts';
import type { ArchitectureFigures, Demand, Workload } from './demand.ts';
import { findArchitecture } from './find-architecture.ts';

const MAX_TOKENS = 10_000_000;
const MAX_RPS = 1_000_000;

/** Checks a demand and looks its model up. Throws `invalid_request` with the field, `model_unknown`. */
export function toWorkload(demand: Demand): Workload {
  whole('inputTokens', demand.inputTokens, MAX_TOKENS);
  whole('outputTokens', demand.outputTokens, MAX_TOKENS);
  positive('rps', demand.rps, MAX_RPS);
  if (demand.ttftMs !== undefined) positive('ttftMs', demand.ttftMs, 1e9);
  if (demand.itlMs !== undefined) positive('itlMs', demand.itlMs, 1e9);
  if (demand.maxGpus !== undefined) whole('maxGpus', demand.maxGpus, 1_000_000);
  const sequence = demand.inputTokens + demand.outputTokens;
  if (demand.contextWindow !== undefined) {
    whole('contextWindow', demand.contextWindow, MAX_TOKENS);
    if (demand.contextWindow < sequence) refuse('contextWindow', `must be at least input plus output, ${sequence}`);
  }
  if (demand.architecture === undefined && demand.model === undefined) refuse('model', 'or "architecture" must be given');
  const architecture = demand.architecture === undefined ? findArchitecture(demand.model ?? '') : fromFigures(demand.architecture, demand.model ?? 'custom');
  const contextWindow = demand.contextWindow ?? sequence;
  if (contextWindow > architecture.contextWindow) {
    refuse('contextWindow', `of ${contextWindow} tokens is more than the ${architecture.contextWindow} that ${architecture.id} was made for`);
  }
  return {
    architecture,
    inputTokens: demand.inputTokens,
    outputTokens: demand.outputTokens,
    rps: demand.rps,
    ttftMs: demand.ttftMs ?? Number.POSITIVE_INFINITY,
    itlMs: demand.itlMs ?? Number.POSITIVE_INFINITY,
    precision: demand.precision ?? 'native',
    bytesPerKv: demand.kvPrecision === undefined ? (demand.architecture?.bytesPerKv ?? 2) : demand.kvPrecision === 'fp8' ? 1 : 2,
    contextWindow,
  };
}

function fromFigures(figures: ArchitectureFigures, id: string): Architecture {
  const { bytesPerKv: _bytesPerKv, activeParameters, ...rest } = figures;
  if (activeParameters !== undefined && activeParameters > figures.parameters) refuse('architecture.activeParameters', 'can not be more than parameters');
  return {
    ...rest,
    id,
    aliases: [],
    ...(activeParameters === undefined ? {} : { activeParameters }),
    bytesPerWeight: figures.bytesPerWeight ?? 2,
    contextWindow: MAX_TOKENS,
    source: 'spec.architecture',
  };
}

function refuse(field: string, problem: string): never {
  throw new PlatformError('invalid_request', { message: `${field} ${problem}`, details: { field } });
}

function positive(field: string, value: number, max: number): void {
  if (!(value > 0 && value <= max)) refuse(field, `must be a number above 0 and at most ${max}, not ${value}`);
}

function whole(field: string, value: number, max: number): void {
  if (!(Number.isInteger(value) && value > 0 && value <= max)) refuse(field, `must be a whole number from 1 to ${max}, not ${value}`);
}
