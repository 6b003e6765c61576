import type { Span } from '@maru/api/records';
import type { Tracer } from '#gateway';
import type { Clock } from '#time';

/** What the answer cache did for one public name. */
interface CacheSums {
  hits: number;
  misses: number;
  savedNanoUsd: number;
  /** Hits of answers without a known price. */
  unpriced: number;
}

export interface CacheSavings {
  /** Records as the tracer does that is given. */
  readonly tracer: Tracer;
  /** Since when it counts. */
  readonly sinceMs: number;
  /** Widened to whole hours; the greatest saving first. */
  read(range: { readonly fromMs: number; readonly toMs: number }): readonly ({ readonly model: string } & Readonly<CacheSums>)[];
}

const HOUR_MS = 3_600_000;
const HOURS = 720;
const MAX_MODELS = 500;

/** Sums the spans of the answer cache as they pass, per hour; in memory and of this process. */
export function createCacheSavings(tracer: Tracer, clock: Clock): CacheSavings {
  const hours = new Map<number, Map<string, CacheSums>>();

  const count = (span: Span): void => {
    const hour = Math.floor(span.startMs / HOUR_MS);
    const models = hours.get(hour) ?? new Map<string, CacheSums>();
    hours.set(hour, models);
    if (hours.size > HOURS) hours.delete(hours.keys().next().value ?? 0);
    const model = span.model ?? '';
    const sums = models.get(model) ?? { hits: 0, misses: 0, savedNanoUsd: 0, unpriced: 0 };
    if (models.size < MAX_MODELS) models.set(model, sums);
    const { result, savedNanoUsd } = span.attributes;
    if (result !== 'hit') sums.misses += 1;
    else {
      sums.hits += 1;
      if (typeof savedNanoUsd === 'number') sums.savedNanoUsd += savedNanoUsd;
      else sums.unpriced += 1;
    }
  };

  return {
    sinceMs: clock.nowMs(),
    tracer: {
      record: (...spans) => {
        for (const span of spans) if (span.kind === 'cache') count(span);
        tracer.record(...spans);
      },
    },
    read({ fromMs, toMs }) {
      const sums = new Map<string, CacheSums>();
      for (const [hour, models] of hours) {
        if (hour < Math.floor(fromMs / HOUR_MS) || hour * HOUR_MS >= toMs) continue;
        for (const [model, part] of models) {
          const sum = sums.get(model) ?? { hits: 0, misses: 0, savedNanoUsd: 0, unpriced: 0 };
          sums.set(model, sum);
          for (const name of ['hits', 'misses', 'savedNanoUsd', 'unpriced'] as const) sum[name] += part[name];
        }
      }
      return [...sums].map(([model, sum]) => ({ model, ...sum })).sort((left, right) => right.savedNanoUsd - left.savedNanoUsd || right.hits - left.hits);
    },
  };
}
