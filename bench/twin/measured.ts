import { readdirSync, readFileSync } from 'node:fs';
import {
  fitProfile,
  type MeasuredTime,
  readMeasurements,
  TWIN_PROFILES,
  type TwinProfile,
  timeErrors,
  twinProfile,
} from '../../packages/platform/src/engines/index.ts';

const FOLDER = new URL('../data/gpu/', import.meta.url);

/** Files of our own measurements. */
export const measuredFiles = (): readonly string[] =>
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => new URL(name, FOLDER).pathname);

/** Prints the error of the twin at every point of a file: of the named profile, or of the nearest one, and of a fit to the file itself. */
export function printMeasured(path: string, profile: string | undefined, print: (line: string) => void): void {
  const measurements = readMeasurements(readFileSync(path, 'utf8'));
  const base = profile === undefined ? nearest(measurements.times) : twinProfile(profile);
  const fit = fitProfile({ measurements, base, name: 'fitted' });
  print(`${path.replace(/^.*\//, '')}: ${measurements.source}`);
  print(line(['series', 'what', 'measured ms', base.name.slice(0, 22), 'error', 'fitted ms', 'error']));
  measurements.times.forEach((time, index) => {
    const [own, fitted] = [fit.baseErrors[index], fit.errors[index]];
    print(
      line([time.series, time.name, ms(time.measuredMs), ms(own?.twinMs ?? 0), percent(own?.error ?? 0), ms(fitted?.twinMs ?? 0), percent(fitted?.error ?? 0)]),
    );
  });
  print(`mean error ${percent(meanOf(base, measurements.times))}; of the fit ${percent(meanOf(fit.profile, measurements.times))}\n`);
}

const nearest = (times: readonly MeasuredTime[]): TwinProfile =>
  TWIN_PROFILES.map(twinProfile).reduce((best, next) => (meanOf(next, times) < meanOf(best, times) ? next : best));
const meanOf = (profile: TwinProfile, times: readonly MeasuredTime[]): number =>
  timeErrors(profile, times).reduce((sum, { error }) => sum + Math.abs(error), 0) / times.length;

const WIDTHS = [8, 52, 12, 24, 9, 10, 9];
const line = (cells: readonly string[]): string =>
  cells.map((cell, index) => (index < 2 ? cell.padEnd(WIDTHS[index] ?? 0) : cell.padStart(WIDTHS[index] ?? 0))).join(' ');
const ms = (value: number): string => value.toFixed(value < 100 ? 3 : 1);
const percent = (share: number): string => `${share > 0 ? '+' : ''}${(share * 100).toFixed(1)}%`;
