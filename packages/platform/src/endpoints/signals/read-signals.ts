import { DIALECTS, type Dialect, METRIC_NAMES, type MetricRef } from './dialects.ts';
import { parseMetrics, type Sample } from './parse-metrics.ts';

/** What one rank of an engine reports of itself. */
interface RankSignals {
  readonly rank: number;
  readonly running: number;
  readonly waiting: number;
  readonly kvUse: number | undefined;
}

/** What an endpoint reports of itself, at one moment. */
export interface EndpointSignals {
  readonly dialect: string;
  /** Of all ranks together. */
  readonly running: number;
  readonly waiting: number;
  /** Share of the KV memory, from 0 to 1; the mean over ranks. */
  readonly kvUse: number | undefined;
  readonly ranks: readonly RankSignals[];
  /** Tokens per block. */
  readonly blockSize: number | undefined;
  /** Blocks of GPU memory of all ranks together. */
  readonly blocks: number | undefined;
  /** Tokens that the KV memory holds. */
  readonly kvTokens: number | undefined;
  /** Since the engine started. */
  readonly promptTokens: number | undefined;
  readonly cachedTokens: number | undefined;
  /** LoRA adapters that it runs and that wait for a slot, where it tells. */
  readonly adapters: { readonly max: number; readonly running: readonly string[]; readonly waiting: readonly string[] } | undefined;
  /** Names of models that its metrics carry. */
  readonly models: readonly string[];
  /** Lines that could not be read. */
  readonly broken: number;
}

/** Reads the metrics of an engine in the dialect that it speaks; undefined when it speaks none that is known. */
export function readSignals(text: string): EndpointSignals | undefined {
  const { samples, broken } = parseMetrics(text, METRIC_NAMES);
  const dialect = DIALECTS.find(({ running, waiting }) => first(samples, running) !== undefined || first(samples, waiting) !== undefined);
  if (dialect === undefined) return undefined;
  const running = first(samples, dialect.running) ?? [];
  const waiting = first(samples, dialect.waiting) ?? [];
  const kvUse = first(samples, dialect.kvUse) ?? [];
  const ranks = ranksOf(dialect, { running, waiting, kvUse });
  const cache = cacheOf(dialect, samples);
  return {
    dialect: dialect.name,
    running: sum(running),
    waiting: sum(waiting),
    kvUse: kvUse.length === 0 ? undefined : sum(kvUse) / kvUse.length,
    ranks,
    ...cache,
    promptTokens: total(samples, dialect.promptTokens),
    cachedTokens: total(samples, dialect.cachedTokens),
    adapters: adaptersOf(dialect, samples),
    models: [...new Set(running.map(({ labels }) => labels['model_name'] ?? labels['model'] ?? '').filter((name) => name !== ''))],
    broken,
  };
}

/** Samples of the first of these metrics that is there. */
function first(samples: readonly Sample[], refs: readonly MetricRef[]): readonly Sample[] | undefined {
  for (const { name, where } of refs) {
    const found = samples.filter((sample) => sample.name === name && (where === undefined || sample.labels[where[0]] === where[1]));
    if (found.length > 0) return found;
  }
  return undefined;
}

const sum = (samples: readonly Sample[]): number => samples.reduce((total, { value }) => total + value, 0);

function total(samples: readonly Sample[], refs: readonly MetricRef[] | undefined): number | undefined {
  const found = refs === undefined ? undefined : first(samples, refs);
  return found === undefined ? undefined : sum(found);
}

function cacheOf(dialect: Dialect, samples: readonly Sample[]): Pick<EndpointSignals, 'blockSize' | 'blocks' | 'kvTokens'> {
  const info = dialect.cacheInfo;
  const infos = info === undefined ? [] : samples.filter(({ name }) => name === info.name);
  const labelOf = (sample: Sample | undefined, label: string): number | undefined => {
    const value = Number(sample?.labels[label] ?? Number.NaN);
    return Number.isInteger(value) && value > 0 ? value : undefined;
  };
  const blockSize = labelOf(infos[0], info?.blockSize ?? '') ?? total(samples, dialect.blockSize);
  const perRank = infos.map((sample) => labelOf(sample, info?.blocks ?? '') ?? 0).reduce((all, blocks) => all + blocks, 0);
  const blocks = perRank > 0 ? perRank : total(samples, dialect.blocks);
  const tokens = blockSize === undefined || blocks === undefined ? total(samples, dialect.kvTokens) : blockSize * blocks;
  return { blockSize, blocks, kvTokens: tokens };
}

/** The labels carry the lists and the value the time at which they were written: of each rank the newest counts. */
function adaptersOf(dialect: Dialect, samples: readonly Sample[]): EndpointSignals['adapters'] {
  const { adapters } = dialect;
  if (adapters === undefined) return undefined;
  const newest = new Map<string, Sample>();
  for (const sample of samples) {
    if (sample.name !== adapters.name) continue;
    const rank = sample.labels[dialect.rank] ?? '';
    const known = newest.get(rank);
    if (known === undefined || sample.value >= known.value) newest.set(rank, sample);
  }
  const lists = [...newest.values()];
  const max = Number(lists[0]?.labels[adapters.max] ?? Number.NaN);
  if (!Number.isInteger(max) || max < 1) return undefined;
  const all = (label: string): readonly string[] => [
    ...new Set(lists.flatMap(({ labels }) => (labels[label] ?? '').split(',').map((name) => name.trim())).filter((name) => name !== '')),
  ];
  return { max, running: all(adapters.running), waiting: all(adapters.waiting) };
}

interface PerRank {
  readonly running: readonly Sample[];
  readonly waiting: readonly Sample[];
  readonly kvUse: readonly Sample[];
}

function ranksOf(dialect: Dialect, found: PerRank): readonly RankSignals[] {
  const rankOf = ({ labels }: Sample): number => Number.parseInt(labels[dialect.rank] ?? '0', 10) || 0;
  const ranks = [...new Set([...found.running, ...found.waiting].map(rankOf))].sort((a, b) => a - b);
  const of = (samples: readonly Sample[], rank: number): readonly Sample[] => samples.filter((sample) => rankOf(sample) === rank);
  return ranks.map((rank) => ({
    rank,
    running: sum(of(found.running, rank)),
    waiting: sum(of(found.waiting, rank)),
    kvUse: of(found.kvUse, rank)[0]?.value,
  }));
}
