import type { CalibrationPoint } from '@maru/api/wire';

type Course = readonly (readonly [atMs: number, value: number | null])[];

/** Predicted and real over time, as means of each stretch; a stretch without requests is a gap. */
export interface CalibrationCourse {
  readonly ttft: { readonly predicted: Course; readonly real: Course; readonly errorMs: number | null };
  readonly hit: { readonly predicted: Course; readonly real: Course /** Realised minus expected, as a share of the prompts. */; readonly error: number | null };
}

type SumName = Exclude<keyof CalibrationPoint, 'endpoint' | 'atMs'>;

export function calibrationCourse(points: readonly CalibrationPoint[], stretchMs: number): CalibrationCourse {
  const stretches = [...Map.groupBy(points, ({ atMs }) => atMs)].sort(([left], [right]) => left - right);
  const course = (part: SumName, whole: SumName): Course => {
    const known = stretches.flatMap(([atMs, group]): [number, number][] => (sum(group, whole) === 0 ? [] : [[atMs, sum(group, part) / sum(group, whole)]]));
    return known.flatMap((point, index) => {
      const next = known[index + 1];
      return next !== undefined && next[0] - point[0] > stretchMs * LONGEST_GAP ? [point, [point[0] + stretchMs, null] as const] : [point];
    });
  };
  const timed = sum(points, 'timed');
  const prompts = sum(points, 'promptTokens');
  return {
    ttft: {
      predicted: course('predictedTtftMs', 'timed'),
      real: course('realisedTtftMs', 'timed'),
      errorMs: timed === 0 ? null : sum(points, 'ttftErrorMs') / timed,
    },
    hit: {
      predicted: course('expectedCachedTokens', 'promptTokens'),
      real: course('realisedCachedTokens', 'promptTokens'),
      error: prompts === 0 ? null : (sum(points, 'realisedCachedTokens') - sum(points, 'expectedCachedTokens')) / prompts,
    },
  };
}

/** Stretches without a request over which a line still goes on. */
const LONGEST_GAP = 3;

const sum = (points: readonly CalibrationPoint[], name: SumName): number => points.reduce((total, point) => total + point[name], 0);
