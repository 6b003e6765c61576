import type { NewSimulation, SimulationOptions } from '@maru/api/wire';
import type { MessageKey } from '../../i18n/index.ts';

/** What stands in the fields, as it was typed. */
export interface SimulationForm {
  readonly name: string;
  readonly trace: string;
  readonly requests: string;
  readonly perSecond: string;
  readonly policies: readonly NewSimulation['policies'][number][];
  readonly speeds: string;
  readonly replicas: string;
  readonly seeds: string;
  readonly profile: string;
  readonly ttftMs: string;
  readonly itlMs: string;
  readonly gpuUsdPerHour: string;
}

export const EMPTY_SIMULATION: SimulationForm = Object.freeze({
  name: '',
  trace: '',
  requests: '1000',
  perSecond: '5',
  policies: ['round-robin', 'least-request', 'precise-prefix', 'maru'] as const,
  speeds: '1, 2, 4',
  replicas: '4',
  seeds: '1',
  profile: 'h100-llama-3.1-8b',
  ttftMs: '2000',
  itlMs: '50',
  gpuUsdPerHour: '4',
});

interface Checked {
  /** Undefined while a field is wrong. */
  readonly request: NewSimulation | undefined;
  /** Message per wrong field; that of `policies` also stands for the whole. */
  readonly wrong: Readonly<Partial<Record<keyof SimulationForm, { readonly key: MessageKey; readonly n?: number }>>>;
  readonly combinations: number;
}

const numberOf = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text));
const numbersOf = (text: string): readonly number[] => text.split(',').map(numberOf);
const isAbove = (value: number): boolean => Number.isFinite(value) && value > 0;
const isCount = (value: number): boolean => Number.isSafeInteger(value) && value > 0;

/** Reads the fields; the server has the last word. */
export function readSimulationForm(form: SimulationForm, limits: SimulationOptions['limits']): Checked {
  const [speeds, replicas] = [[...new Set(numbersOf(form.speeds))], [...new Set(numbersOf(form.replicas))]];
  const [requests, seeds] = [numberOf(form.requests), numberOf(form.seeds)];
  const combinations = form.policies.length * speeds.length * replicas.length * (isCount(seeds) ? seeds : 0);
  const numbers = {
    perSecond: numberOf(form.perSecond),
    ttftMs: numberOf(form.ttftMs),
    itlMs: numberOf(form.itlMs),
    gpuUsdPerHour: numberOf(form.gpuUsdPerHour),
  };
  const wrong: { -readonly [Key in keyof Checked['wrong']]: Checked['wrong'][Key] } = {};
  for (const name of ['perSecond', 'ttftMs', 'itlMs', 'gpuUsdPerHour'] as const) if (!isAbove(numbers[name])) wrong[name] = { key: 'sim.error.number' };
  if (!isCount(requests)) wrong.requests = { key: 'sim.error.whole' };
  if (!isCount(seeds)) wrong.seeds = { key: 'sim.error.whole' };
  if (!speeds.every(isAbove)) wrong.speeds = { key: 'sim.error.list' };
  if (!replicas.every(isCount)) wrong.replicas = { key: 'sim.error.whole' };
  if (form.policies.length === 0) wrong.policies = { key: 'sim.error.policies' };
  else if (combinations > limits.combinations) wrong.policies = { key: 'sim.error.combinations', n: limits.combinations };
  else if (combinations * requests > limits.requests) wrong.policies = { key: 'sim.error.requests', n: limits.requests };
  const { name, trace, policies, profile } = form;
  const request = { name: name.trim(), trace, policies: [...policies], profile, requests, speeds, replicas, seeds, ...numbers };
  return { request: Object.keys(wrong).length === 0 && trace !== '' ? request : undefined, wrong, combinations };
}
