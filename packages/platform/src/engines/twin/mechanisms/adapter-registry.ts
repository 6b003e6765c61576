import { PlatformError } from '@maru/api/errors';
import type { TwinMechanisms } from '@maru/api/resources';

const MAX_ADAPTERS = 1024;

/** Names of the LoRA adapters that requests may ask for as their model. */
export interface AdapterRegistry {
  list(): readonly string[];
  has(name: string | undefined): boolean;
  /** Throws `not_supported` where the engine has no slots for adapters, and `invalid_request` when there are too many. */
  load(name: string): void;
  /** Throws `not_found` for one that was not loaded. */
  unload(name: string): void;
}

export function createAdapterRegistry(lora: TwinMechanisms['lora']): AdapterRegistry {
  const names = new Set(lora?.adapters);
  return {
    list: () => [...names],
    has: (name) => name !== undefined && names.has(name),
    load: (name) => {
      if (lora === undefined) throw new PlatformError('not_supported', { message: 'this engine serves no LoRA adapters; set mechanisms.lora of its twin' });
      if (names.size >= MAX_ADAPTERS)
        throw new PlatformError('invalid_request', { message: `the engine has ${MAX_ADAPTERS} LoRA adapters already; unload one` });
      names.add(name);
    },
    unload: (name) => {
      if (!names.delete(name)) throw new PlatformError('not_found', { message: `the engine has no LoRA adapter "${name}"` });
    },
  };
}
