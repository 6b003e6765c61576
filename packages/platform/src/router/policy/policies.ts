import type { CostRates } from './cost-rates.ts';
import { createPolicy } from './create-policy.ts';
import type { Policy } from './policy.ts';

const MAX_MODELS = 1024;

/** The policies of a router: of each name one per model, since a policy may hold state. Those of the models named first are forgotten beyond a bound. */
export class Policies {
  readonly #made: ReadonlyMap<string, () => Policy> | undefined;
  readonly #rates: CostRates;
  readonly #perModel = new Map<string, Map<string, Policy>>();

  constructor(made: ReadonlyMap<string, () => Policy> | undefined, rates: CostRates) {
    this.#made = made;
    this.#rates = rates;
  }

  /** Throws `config_invalid` for an unknown name. */
  of(name: string, model: string): Policy {
    const known = this.#perModel.get(model)?.get(name);
    if (known !== undefined) return known;
    const policy = this.#made?.get(name)?.() ?? createPolicy(name, { rates: this.#rates });
    const ofModel = this.#perModel.get(model) ?? new Map<string, Policy>();
    ofModel.set(name, policy);
    this.#perModel.set(model, ofModel);
    if (this.#perModel.size > MAX_MODELS) this.#perModel.delete(this.#perModel.keys().next().value ?? '');
    return policy;
  }
}
