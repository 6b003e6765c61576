import type { RouteSpec } from '@maru/api/resources';
import { nameSchema } from '@maru/api/resources';
import type { z } from 'zod';
import type { Entry } from './entry.ts';
import type { Notices } from './notices.ts';
import type { Path } from './place.ts';
import { fromLitellmDuration, toCount, toDuration, toNumber, toTexts } from './read-value.ts';
import type { RouteSettings } from './route-settings.ts';

/** A backend before defaults are filled in. */
export type Backend = { readonly model: string } & Partial<Omit<RouteSpec['backends'][number], 'model' | 'budget' | 'timeouts' | 'when'>> & {
    readonly budget?: { readonly usd: number; readonly per: string };
    readonly timeouts?: { readonly attempt?: string; readonly firstToken?: string };
    readonly when?: { readonly tenants: z.infer<typeof nameSchema>[] };
  };

/** The deployments of one group as backends of a Route. */
export function toBackends(
  deployments: readonly { readonly entry: Entry; readonly model: string }[],
  settings: RouteSettings,
  notices: Notices,
): readonly Backend[] {
  const weights = weightsOf(deployments.map(({ entry }) => entry));
  return deployments.map(({ entry, model }, index) => {
    const { params } = entry;
    const at = (key: string): Path => [...entry.path, 'litellm_params', key];
    const weight = weights[index];
    const order = toNumber(params['order']);
    const rpm = toCount(params['rpm']);
    const tpm = toCount(params['tpm']);
    const maxParallel = toCount(params['max_parallel_requests']) ?? toCount(settings.value('default_max_parallel_requests'));
    const tags = toTexts(params['tags']);
    const attempt = toDuration(params['timeout']);
    const firstToken = toDuration(params['stream_timeout']);
    const budget = toBudget(entry, notices);
    const team = teamOf(entry, notices);
    for (const key of ['max_retries', 'num_retries', 'cooldown_time'])
      if (params[key] !== undefined && deployments.length > 1 && deployments.some((other) => other.entry.params[key] !== params[key]))
        notices.warn(at(key), 'holds for the whole model; the highest value of its deployments is used');
    return {
      model,
      ...(weight === undefined ? {} : { weight }),
      ...(order === undefined ? {} : { order: Math.min(100, Math.max(0, Math.floor(order))) }),
      ...(rpm === undefined ? {} : { rpm }),
      ...(tpm === undefined ? {} : { tpm }),
      ...(maxParallel === undefined ? {} : { maxParallel }),
      ...(tags === undefined ? {} : { tags: [...tags] }),
      ...(budget === undefined ? {} : { budget }),
      ...(attempt === undefined && firstToken === undefined
        ? {}
        : { timeouts: { ...(attempt === undefined ? {} : { attempt }), ...(firstToken === undefined ? {} : { firstToken }) } }),
      ...(team === undefined ? {} : { when: { tenants: [team] } }),
    };
  });
}

/** Shares of a shuffle: by weight where one has a weight, else by rpm, else by tpm, within one level of order; undefined where all are equal. */
function weightsOf(entries: readonly Entry[]): readonly (number | undefined)[] {
  const levelOf = (entry: Entry): number => toNumber(entry.params['order']) ?? 0;
  return entries.map((entry) => {
    const level = entries.filter((other) => levelOf(other) === levelOf(entry));
    for (const metric of ['weight', 'rpm', 'tpm']) {
      const values = level.map((other) => toNumber(other.params[metric]) ?? 0);
      if (level.length < 2 || !values.some((value) => value > 0)) continue;
      return Math.max(0, Math.round((toNumber(entry.params[metric]) ?? 0) * scaleOf(values)));
    }
    return undefined;
  });
}

/** Weights are whole numbers: fractions are made larger, so that a hundredth still counts, and endless ones smaller. */
const scaleOf = (values: readonly number[]): number => (values.every((value) => Number.isInteger(value) && value <= 1e9) ? 1 : 1000 / Math.max(...values));

/** The most that a budget may say. */
const MAX_USD = 1e9;

function toBudget(entry: Entry, notices: Notices): Backend['budget'] {
  const usd = toNumber(entry.params['max_budget']);
  if (usd === undefined) return undefined;
  if (usd < 0 || usd > MAX_USD) {
    notices.warn([...entry.path, 'litellm_params', 'max_budget'], `must be a number of dollars from 0 to ${MAX_USD}; the deployment has no budget`);
    return undefined;
  }
  const per = fromLitellmDuration(entry.params['budget_duration']);
  if (per === undefined) notices.warn([...entry.path, 'litellm_params', 'max_budget'], 'has no valid budget_duration; it is taken per day');
  return { usd, per: per ?? '1d' };
}

function teamOf(entry: Entry, notices: Notices): string | undefined {
  const team = entry.info['team_id'];
  if (typeof team !== 'string') return undefined;
  if (nameSchema.safeParse(team).success) return team;
  notices.warn([...entry.path, 'model_info', 'team_id'], `the team "${team}" has no name that a Tenant can have; every team may use the deployment`);
  return undefined;
}
