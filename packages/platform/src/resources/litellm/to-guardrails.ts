import { PII_KINDS } from '@maru/api/resources';
import { isMap } from './entry.ts';
import { createNames } from './names.ts';
import type { Path } from './place.ts';
import { toFlag, toTexts } from './read-value.ts';
import type { RouteExtrasOptions } from './route-extras-options.ts';

type Point = 'before' | 'during' | 'after';

const POINTS: Readonly<Record<string, Point>> = { pre_call: 'before', during_call: 'before', post_call: 'after', logging_only: 'after' };

const ENTITIES: Readonly<Record<string, (typeof PII_KINDS)[number]>> = {
  EMAIL_ADDRESS: 'email',
  CREDIT_CARD: 'card',
  IBAN_CODE: 'iban',
  IP_ADDRESS: 'ip-address',
  KR_RRN: 'kr-resident-number',
  KR_BRN: 'kr-business-number',
  KR_PASSPORT: 'kr-passport',
  KR_DRIVER_LICENSE: 'kr-driver-licence',
  US_SSN: 'us-ssn',
  PHONE_NUMBER: 'us-phone',
};

/** The block `guardrails`: those that have a likeness here; a guardrail that has none is named, for a check that is gone must not be missed. */
export function toGuardrails({ config, variables, notices }: RouteExtrasOptions): Record<string, unknown>[] {
  const list = config.value['guardrails'];
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) {
    notices.warn(['guardrails'], 'must be a list; it is left out');
    return [];
  }
  const names = createNames([]);
  return (list as unknown[]).flatMap((item, index) => {
    const path: Path = ['guardrails', index];
    const params = isMap(item) ? variables.resolve(item['litellm_params'], [...path, 'litellm_params']) : undefined;
    if (!isMap(item) || typeof item['guardrail_name'] !== 'string' || !isMap(params)) {
      notices.warn(path, 'a guardrail needs guardrail_name and litellm_params; it is left out');
      return [];
    }
    const kind = toKind(params, path);
    if ('missing' in kind) {
      notices.warn([...path, 'litellm_params', 'guardrail'], `REQUESTS ARE NOT CHECKED by "${item['guardrail_name']}": ${kind.missing}`);
      return [];
    }
    const token = kind['type'] === 'moderation' ? variables.secret(written(item, 'api_key'), [...path, 'litellm_params', 'api_key']) : undefined;
    return [
      {
        name: names.next(names.ofGroup(item['guardrail_name']), 'guard').replace(/-guard$/, ''),
        at: pointsOf(params['mode'], kind['type'] === 'moderation'),
        default: toFlag(params['default_on']) ?? false,
        ...kind,
        ...(token === undefined ? {} : { token }),
      },
    ];
  });

  function toKind(params: Record<string, unknown>, path: Path): Record<string, unknown> | { missing: string } {
    const guardrail = String(params['guardrail']);
    if (guardrail === 'presidio') return { type: 'pii', ...piiOf(params, path) };
    if (guardrail === 'hide-secrets' || guardrail === 'hide_secrets') return { type: 'secrets', action: 'mask' };
    if (guardrail === 'openai_moderation') return { type: 'moderation', ...(typeof params['model'] === 'string' ? { model: params['model'] } : {}) };
    if (guardrail === 'litellm_content_filter') return filterOf(params);
    return { missing: `the guardrail "${guardrail}" has no likeness here; write a guardrail of the type webhook, pii, deny or injection into the Route` };
  }

  function piiOf(params: Record<string, unknown>, path: Path): Record<string, unknown> {
    const config = isMap(params['pii_entities_config']) ? params['pii_entities_config'] : undefined;
    if (config === undefined) return { action: 'mask' };
    const kinds: string[] = [];
    for (const entity of Object.keys(config)) {
      const kind = ENTITIES[entity];
      if (kind === undefined) notices.warn([...path, 'litellm_params', 'pii_entities_config', entity], 'this kind of personal data is not looked for');
      else kinds.push(kind, ...(kind === 'us-phone' ? ['kr-phone'] : []));
    }
    const action = Object.values(config).some((value) => String(value).toUpperCase() === 'BLOCK') ? 'block' : 'mask';
    return { action, kinds: kinds.length === 0 ? [...PII_KINDS] : kinds };
  }
}

/** Blocked words and patterns; a filter of categories alone has no likeness. */
function filterOf(params: Record<string, unknown>): Record<string, unknown> | { missing: string } {
  const words = Array.isArray(params['blocked_words']) ? (params['blocked_words'] as unknown[]) : [];
  const patterns = Array.isArray(params['patterns']) ? (params['patterns'] as unknown[]) : [];
  const phrases = words.flatMap((word) => (isMap(word) && typeof word['keyword'] === 'string' ? [word['keyword']] : []));
  const expressions = patterns.flatMap((pattern) => (isMap(pattern) && typeof pattern['pattern'] === 'string' ? [pattern['pattern']] : []));
  if (phrases.length + expressions.length === 0) return { missing: 'only blocked_words and patterns with a regular expression have a likeness here' };
  const mask = [...words, ...patterns].some((entry) => isMap(entry) && String(entry['action']).toUpperCase() === 'MASK');
  return { type: 'deny', action: mask ? 'mask' : 'block', phrases, patterns: expressions };
}

const written = (item: Record<string, unknown>, key: string): unknown => (isMap(item['litellm_params']) ? item['litellm_params'][key] : undefined);

function pointsOf(mode: unknown, whole: boolean): Point[] {
  const modes = isMap(mode) ? Object.values(isMap(mode['tags']) ? mode['tags'] : mode).map(String) : (toTexts(mode) ?? ['pre_call']);
  const points = new Set(modes.map((each) => POINTS[each] ?? 'before'));
  // A stream has passed before it can be checked as a whole.
  if (points.has('after') && !whole) points.add('during');
  return [...points];
}
