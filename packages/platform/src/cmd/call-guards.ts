import type { RouteGuardrail, SecretRef } from '@maru/api/resources';
import type { CallGuards } from '#gateway';
import { compileGuardrails, type GuardrailPorts, type Rule } from '#guardrails';
import type { GuardedFetch } from '#http';
import type { FindEmbedder } from '#knowledge';
import type { Registry } from '#resources';
import { embedderOf } from './answer-cache.ts';
import { routeOfCall } from './route-of-call.ts';

export interface CallGuardsOptions {
  readonly registry: Registry;
  readonly findEmbedder: FindEmbedder;
  readonly guardedFetch: GuardedFetch;
  readonly resolveSecret: (ref: SecretRef) => string | undefined;
}

/** Which guardrails a call has, as its Route says. They are compiled once per change of the Route. */
export function callGuards(options: CallGuardsOptions): CallGuards {
  const compiled = new WeakMap<readonly RouteGuardrail[], readonly Rule[]>();
  const ports: GuardrailPorts = {
    embedder: (model) => embedderOf(model, options.findEmbedder),
    resolveSecret: options.resolveSecret,
    post: async ({ url, headers, body }, signal) => {
      const reply = await options.guardedFetch.fetch({ url, method: 'POST', headers, body }, signal);
      return { status: reply.status, text: Buffer.from(reply.body).toString('utf8') };
    },
  };
  return {
    rulesOf(facts) {
      const specs = routeOfCall(options.registry, facts)?.spec.guardrails;
      if (specs === undefined || specs.length === 0) return [];
      let rules = compiled.get(specs);
      if (rules === undefined) {
        rules = compileGuardrails(specs, ports);
        compiled.set(specs, rules);
      }
      return rules;
    },
  };
}
