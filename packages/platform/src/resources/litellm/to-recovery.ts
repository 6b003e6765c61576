import type { Entry } from './entry.ts';
import { isMap } from './entry.ts';
import type { Notices } from './notices.ts';
import type { Path } from './place.ts';
import { toDuration, toFlag, toNumber, toTexts } from './read-value.ts';
import { type RouteSettings, readPolicy, type Setting } from './route-settings.ts';

const MAX_ATTEMPTS = 10;
/** What LiteLLM does where nothing is said. */
const USUAL_RETRIES = 2;
const USUAL_TIMEOUT_S = 6000;

/** Retries, health, timeouts and affinity of the Route of one group. */
export function toRecovery(options: { group: string; entries: readonly Entry[]; settings: RouteSettings; notices: Notices }) {
  const { group, entries, settings, notices } = options;
  const maxFallbacks = toNumber(settings.value('max_fallbacks'));
  const attempt = toDuration(settings.value('timeout')) ?? toDuration(settings.value('request_timeout')) ?? `${USUAL_TIMEOUT_S}s`;
  const firstToken = toDuration(settings.value('stream_timeout'));
  return {
    ...(maxFallbacks === undefined ? {} : { maxFallbacks: Math.min(15, Math.max(0, Math.floor(maxFallbacks))) }),
    contextCheck: toFlag(settings.value('enable_pre_call_checks')) ?? false,
    retries: toRetries({ group, entries, settings, notices }),
    ...toHealth(entries, settings, notices),
    timeouts: { attempt, ...(firstToken === undefined ? {} : { firstToken }) },
    ...toAffinity(settings, notices),
    ...(toFlag(settings.value('tag_filtering_match_any')) === false ? { tagMatch: 'all' as const } : {}),
  };
}

function toRetries({ group, entries, settings, notices }: { group: string; entries: readonly Entry[]; settings: RouteSettings; notices: Notices }) {
  const own = highest(entries, ['num_retries', 'max_retries']);
  const perGroup = settings.find('model_group_retry_policy');
  const ofGroup: Setting | undefined =
    isMap(perGroup?.value) && perGroup.value[group] !== undefined ? { value: perGroup.value[group], path: [...perGroup.path, group] } : undefined;
  const policy = ofGroup ?? settings.find('retry_policy');
  const per = policy === undefined ? {} : readPolicy(policy, notices, { ending: 'Retries', least: 0, most: MAX_ATTEMPTS });
  const ofPolicy = isMap(policy?.value) ? toNumber(policy.value['DefaultRetries']) : undefined;
  const wanted = own ?? ofPolicy ?? toNumber(settings.value('num_retries')) ?? USUAL_RETRIES;
  if (wanted > MAX_ATTEMPTS) notices.warn(settings.find('num_retries')?.path ?? pathOf(entries), `at most ${MAX_ATTEMPTS} retries are made`);
  const backoff = toDuration(settings.value('retry_after'));
  return {
    attempts: Math.min(MAX_ATTEMPTS, Math.max(0, Math.floor(wanted))),
    ...(backoff === undefined ? {} : { backoff }),
    ...(Object.keys(per).length === 0 ? {} : { per }),
  };
}

function toHealth(entries: readonly Entry[], settings: RouteSettings, notices: Notices) {
  const off = toFlag(settings.value('disable_cooldowns')) === true;
  const seconds = highest(entries, ['cooldown_time']) ?? toNumber(settings.value('cooldown_time'));
  const fails = toNumber(settings.value('allowed_fails'));
  const policy = settings.find('allowed_fails_policy');
  const per = policy === undefined ? {} : readPolicy(policy, notices, { ending: 'AllowedFails', least: 1, most: 1000 });
  const cooldown = off || seconds === 0 ? '0s' : toDuration(seconds);
  const health = {
    ...(fails === undefined ? {} : { allowedFails: Math.min(1000, Math.max(1, Math.floor(fails))) }),
    ...(Object.keys(per).length === 0 ? {} : { allowedFailsPer: per }),
    ...(cooldown === undefined ? {} : { cooldown }),
    // A rest is never shorter than the one that was asked for.
    ...(seconds !== undefined && seconds > 60 && !off ? { maxCooldown: toDuration(seconds) } : {}),
  };
  return Object.keys(health).length === 0 ? {} : { health };
}

const CHECKS: Readonly<Record<string, 'session' | 'user' | 'same'>> = {
  session_affinity: 'session',
  deployment_affinity: 'user',
  prompt_caching: 'same',
  responses_api_deployment_check: 'same',
  encrypted_content_affinity: 'same',
  enforce_model_rate_limits: 'same',
  router_budget_limiting: 'same',
};

function toAffinity(settings: RouteSettings, notices: Notices) {
  const checks = settings.find('optional_pre_call_checks');
  if (checks === undefined) return {};
  const names = toTexts(checks.value) ?? [];
  for (const [index, name] of names.entries())
    if (CHECKS[name] === undefined) notices.warn([...checks.path, index], `the check "${name}" is not known; it is left out`);
  const by = names.map((name) => CHECKS[name]).find((check) => check === 'session' || check === 'user');
  if (by === undefined) return {};
  const ttl = toDuration(settings.value('deployment_affinity_ttl_seconds'));
  return { affinity: { by, to: 'model' as const, ...(ttl === undefined ? {} : { ttl }) } };
}

function highest(entries: readonly Entry[], keys: readonly string[]): number | undefined {
  const values = entries.flatMap((entry) => keys.map((key) => toNumber(entry.params[key]))).filter((value) => value !== undefined);
  return values.length === 0 ? undefined : Math.max(...values);
}

const pathOf = (entries: readonly Entry[]): Path => entries[0]?.path ?? ['model_list'];
