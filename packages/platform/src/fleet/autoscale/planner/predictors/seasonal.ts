import type { Predictor } from './predictor.ts';

/** Shares of what is new in the level, the trend and the season. */
const LEVEL = 0.3;
const TREND = 0.05;
const SEASON = 0.3;

/**
 * Level, trend and an additive season (Holt and Winters), where Dynamo uses Prophet. Before a whole season was seen, the
 * last value.
 */
export function createSeasonal(season: number): Predictor {
  const first: number[] = [];
  let seasons: number[] | undefined;
  let level = 0;
  let trend = 0;
  let place = 0;
  return {
    observe: (value) => {
      if (seasons === undefined) {
        first.push(value);
        if (first.length < season) return;
        level = first.reduce((sum, each) => sum + each, 0) / season;
        seasons = first.map((each) => each - level);
        return;
      }
      const usual = seasons[place] ?? 0;
      const before = level;
      level = LEVEL * (value - usual) + (1 - LEVEL) * (level + trend);
      trend = TREND * (level - before) + (1 - TREND) * trend;
      seasons[place] = SEASON * (value - level) + (1 - SEASON) * usual;
      place = (place + 1) % season;
    },
    next: () => Math.max(0, seasons === undefined ? (first.at(-1) ?? 0) : level + trend + (seasons[place] ?? 0)),
  };
}
