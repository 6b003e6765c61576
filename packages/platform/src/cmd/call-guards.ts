import type { RouteGuardrail, SecretRef } from '@maru/api/resources';
import type { CallGuards, RequestFacts } from '#gateway';
import { compileGuardrails, type GuardrailPorts, type Rule } from '#guardrails';
import type { GuardedFetch } from '#http';
import type { FindEmbedder } from '#knowledge';
import type { Ledger } from '#ledger';
import type { Registry } from '#resources';
import { embedderOf } from './answer-cache.ts';
import { isLedgerPrincipal } from './ledger-ports.ts';
import { routeOfCall } from './route-of-call.ts';

export interface CallGuardsOptions {
  readonly registry: Registry;
  readonly accountsOf: Ledger['accountsOf'];
  readonly findEmbedder: FindEmbedder;
  readonly guardedFetch: GuardedFetch;
  readonly resolveSecret: (ref: SecretRef) => string | undefined;
}

/** Who embeds texts for guardrails and for the cache. */
export const GUARDRAILS_KEY = 'guardrails';
export const CACHE_KEY = 'cache';

const NONE: readonly Rule[] = Object.freeze([]);

/**
 * Which guardrails a call has: those of its tenant and of the tenants above it, from the top down, then those of its Route. They are
 * compiled once per change of their resource.
 */
export function callGuards(options: CallGuardsOptions): CallGuards {
  const { registry } = options;
  const compiled = new WeakMap<readonly RouteGuardrail[], readonly Rule[]>();
  const ports: GuardrailPorts = {
    embedder: (model) => embedderOf(model, options.findEmbedder),
    resolveSecret: options.resolveSecret,
    post: async ({ url, headers, body }, signal) => {
      const reply = await options.guardedFetch.fetch({ url, method: 'POST', headers, body }, signal);
      return { status: reply.status, text: Buffer.from(reply.body).toString('utf8') };
    },
  };
  const compile = (specs: readonly RouteGuardrail[] | undefined): readonly Rule[] => {
    if (specs === undefined || specs.length === 0) return NONE;
    let rules = compiled.get(specs);
    if (rules === undefined) {
      rules = compileGuardrails(specs, ports);
      compiled.set(specs, rules);
    }
    return rules;
  };

  let someTenants = hasGuardedTenants(registry);
  registry.subscribe(() => {
    someTenants = hasGuardedTenants(registry);
  });
  return {
    rulesOf(facts) {
      const own = compile(routeOfCall(registry, facts)?.spec.guardrails);
      if (!someTenants || asksForChecks(facts)) return own;
      const join = (accounts: readonly { readonly id: string }[]): readonly Rule[] => {
        const above = accounts.toReversed().flatMap(({ id }) => compile(registry.get('Tenant', id)?.spec.guardrails));
        return above.length === 0 ? own : [...above, ...own];
      };
      const accounts = options.accountsOf(facts.principal);
      return accounts instanceof Promise ? accounts.then(join) : join(accounts);
    },
  };
}

const hasGuardedTenants = (registry: Registry): boolean => registry.list('Tenant').some((tenant) => tenant.spec.guardrails.length > 0);

/** A check that asks a model must not be checked in turn, without end; the texts of the cache have passed already. */
const asksForChecks = ({ principal }: RequestFacts): boolean =>
  !isLedgerPrincipal(principal) && (principal.keyId === GUARDRAILS_KEY || principal.keyId === CACHE_KEY);
