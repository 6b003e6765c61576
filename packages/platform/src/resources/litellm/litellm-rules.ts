import { isMap } from './entry.ts';
import type { MergedConfig } from './merge-includes.ts';
import type { Notices } from './notices.ts';
import { type PassThroughRule, readPassThrough } from './read-pass-through.ts';
import type { Variables } from './variables.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Rules of a LiteLLM configuration that hold beside its resources, and take force with them. */
export interface LitellmRules {
  /** What a key, a team or a user gets where nothing is said. */
  readonly defaults: { readonly key: Fields; readonly team: Fields; readonly user: Fields };
  /** The most that may be said about a key. */
  readonly keyBounds: Fields;
  readonly passThrough: readonly PassThroughRule[];
}

/** What holds without a configuration of LiteLLM. */
export const NO_RULES: LitellmRules = Object.freeze({ defaults: { key: {}, team: {}, user: {} }, keyBounds: {}, passThrough: [] });

/** Rules of several files; of two that say the same, the later one holds. */
export function joinRules(list: readonly LitellmRules[]): LitellmRules {
  const join = (read: (rules: LitellmRules) => Fields): Fields => Object.assign({}, ...list.map(read)) as Fields;
  return {
    defaults: { key: join((rules) => rules.defaults.key), team: join((rules) => rules.defaults.team), user: join((rules) => rules.defaults.user) },
    keyBounds: join((rules) => rules.keyBounds),
    passThrough: list.flatMap((rules) => rules.passThrough),
  };
}

const OF_KEYS = ['max_budget', 'budget_duration', 'duration', 'max_parallel_requests', 'tpm_limit', 'rpm_limit'];
const KEY_DEFAULTS = [...OF_KEYS, 'user_id', 'team_id', 'models', 'metadata'];
const TEAM_DEFAULTS = ['max_budget', 'budget_duration', 'tpm_limit', 'rpm_limit', 'max_parallel_requests', 'models', 'team_member_permissions'];
const USER_DEFAULTS = ['max_budget', 'budget_duration', 'models', 'user_role', 'teams', 'tpm_limit', 'rpm_limit', 'max_parallel_requests'];

export function readLitellmRules(config: MergedConfig, variables: Variables, notices: Notices): LitellmRules {
  const block = isMap(config.value['litellm_settings']) ? config.value['litellm_settings'] : {};
  const read = (name: string, known: readonly string[]): Fields => {
    const value = variables.resolve(block[name], ['litellm_settings', name]);
    if (value === undefined || value === null) return {};
    if (!isMap(value)) {
      notices.warn(['litellm_settings', name], 'must be a map; it is left out');
      return {};
    }
    const entries = Object.entries(value).filter(([key, entry]) => {
      if (entry === null || known.includes(key)) return entry !== null;
      notices.warn(['litellm_settings', name, key], `is not known here; known are ${known.join(', ')}`);
      return false;
    });
    return Object.fromEntries(entries);
  };
  return {
    defaults: {
      key: read('default_key_generate_params', KEY_DEFAULTS),
      team: read('default_team_params', TEAM_DEFAULTS),
      user: read('default_internal_user_params', USER_DEFAULTS),
    },
    keyBounds: read('upperbound_key_generate_params', OF_KEYS),
    passThrough: readPassThrough(config, variables, notices),
  };
}
