import { checkCallbacks } from './check-callbacks.ts';
import { isMap } from './entry.ts';
import { MODEL_INFO_KEYS, PARAMS_KEYS } from './keys/deployment-keys.ts';
import { type KnownKeys, USED } from './keys/disposition.ts';
import { GENERAL_KEYS } from './keys/general-keys.ts';
import { LITELLM_KEYS } from './keys/litellm-keys.ts';
import { ROUTER_KEYS } from './keys/router-keys.ts';
import { TOP_LEVEL_KEYS } from './keys/top-level-keys.ts';
import type { MergedConfig } from './merge-includes.ts';
import type { Notices } from './notices.ts';
import type { Path } from './place.ts';

const BLOCKS: Readonly<Record<string, KnownKeys>> = { router_settings: ROUTER_KEYS, litellm_settings: LITELLM_KEYS, general_settings: GENERAL_KEYS };

/** Names every key that is not taken over, with its place and the reason; nothing that a file asks for is lost in silence. */
export function checkSettings(config: MergedConfig, notices: Notices): void {
  checkKeys(config.value, { known: TOP_LEVEL_KEYS, path: [], notices });
  for (const [name, known] of Object.entries(BLOCKS)) {
    const block = config.value[name];
    if (isMap(block)) checkKeys(block, { known, path: [name], notices });
    else if (block !== undefined && block !== null) notices.warn([name], 'must be a map; it is left out');
  }
  checkCallbacks(config, notices);
  const list = config.value['model_list'];
  for (const [index, entry] of (Array.isArray(list) ? (list as unknown[]) : []).entries()) {
    if (!isMap(entry)) continue;
    const path = ['model_list', index];
    for (const key of Object.keys(entry))
      if (!['model_name', 'litellm_params', 'model_info', 'rpm', 'tpm'].includes(key))
        notices.warn([...path, key], 'is not a key of a deployment; it is left out');
    if (isMap(entry['litellm_params'])) checkParams(entry['litellm_params'], [...path, 'litellm_params'], notices);
    // Further facts in model_info are kept as they are, and shown by /model/info.
    if (isMap(entry['model_info'])) checkKeys(entry['model_info'], { known: MODEL_INFO_KEYS, path: [...path, 'model_info'], notices, lenient: true });
  }
}

interface CheckOptions {
  readonly known: KnownKeys;
  readonly path: Path;
  readonly notices: Notices;
  /** Keys that are not known need no word. */
  readonly lenient?: boolean;
}

function checkKeys(block: Readonly<Record<string, unknown>>, { known, path, notices, lenient = false }: CheckOptions): void {
  for (const [key, value] of Object.entries(block)) {
    if (value === null || value === undefined) continue;
    const disposition = Object.hasOwn(known, key) ? known[key] : undefined;
    if (disposition === USED || (disposition === undefined && lenient)) continue;
    // What is switched off asks for nothing.
    if (disposition !== undefined && (value === false || (Array.isArray(value) && value.length === 0))) continue;
    notices.warn([...path, key], disposition === undefined ? 'is not a key that is known here; it is left out' : `is not taken over: ${disposition}`);
  }
}

function checkParams(params: Readonly<Record<string, unknown>>, path: Path, notices: Notices): void {
  for (const [key, value] of Object.entries(params)) {
    const disposition = Object.hasOwn(PARAMS_KEYS, key) ? PARAMS_KEYS[key] : USED;
    if (value === null || value === undefined || value === false || disposition === USED) continue;
    notices.warn([...path, key], `is not taken over: ${disposition}`);
  }
}
