import type { SessionInfo } from '@maru/api/wire';
import type { Agents } from '#agents';
import type { Batches } from '#batches';
import type { ControlPorts, Simulations } from '#control';
import type { Evals } from '#evals';
import type { Catalogue } from '#gateway';
import type { Knowledge } from '#knowledge';
import type { Ledger } from '#ledger';
import type { Pipelines } from '#pipelines';
import type { Registry } from '#resources';
import type { Router } from '#router';
import type { Clock, Ids } from '#time';
import type { Traces } from '#traces';
import type { CacheSavings } from '../cache-savings.ts';
import type { EndpointCounters } from '../endpoint-counters.ts';
import type { EndpointFleets } from '../endpoint-fleets.ts';
import type { EnginePool } from '../engine-pool.ts';
import type { Evaluations } from '../evaluations.ts';
import type { Ingestions } from '../ingestions.ts';
import { costOf } from '../ledger-ports.ts';
import type { RulesInForce } from '../litellm-rules.ts';
import type { SourceLog } from '../source-log.ts';
import { accountPorts } from './account-ports.ts';
import { agentControlPorts, pipelineControlPorts } from './agent-info.ts';
import { attentionOf } from './attention.ts';
import { batchControlPorts } from './batch-control-ports.ts';
import { costPorts } from './cost-ports.ts';
import { endpointStates } from './endpoint-states.ts';
import { evaluationPorts } from './evaluation-ports.ts';
import { keyPorts } from './key-ports.ts';
import { knowledgePorts } from './knowledge-ports.ts';
import { createListPrice } from './list-price.ts';
import { litellmPorts } from './litellm-ports.ts';
import { overviewFigures } from './overview.ts';
import { routingPorts } from './routing-ports.ts';
import { runPorts } from './run-ports.ts';
import { servedModels } from './served-models.ts';
import { tracePorts } from './trace-ports.ts';
import { withoutUndefined } from './without-undefined.ts';

export interface ControlPortsOptions {
  readonly registry: Registry;
  readonly catalogue: Catalogue;
  readonly ledger: Ledger;
  readonly traces: Traces;
  readonly router: Router;
  readonly pool: EnginePool;
  readonly counters: EndpointCounters;
  readonly fleets: EndpointFleets;
  /** Processes that decide beside this one. */
  readonly workers: number;
  readonly cacheSavings: CacheSavings;
  /** Absent in a process that keeps no files. */
  readonly batches: Batches | undefined;
  readonly knowledge: Knowledge;
  readonly ingestions: Ingestions;
  readonly agents: Agents;
  readonly pipelines: Pipelines;
  readonly evals: Evals;
  readonly evaluations: Evaluations;
  readonly simulations: Simulations;
  readonly sourceLog: SourceLog;
  readonly info: () => Omit<SessionInfo, 'principal'>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly rules: RulesInForce;
}

/** Everything that the control plane shows and does, each from the room that knows it. */
export function controlPorts(options: ControlPortsOptions): ControlPorts {
  const { registry, ledger, traces, router } = options;
  const costs = costPorts(options);
  const listPrice = createListPrice(options);
  const endpointsNow = () => endpointStates({ ...options, listPrice });
  const knowledge = knowledgePorts(options);
  const evaluations = evaluationPorts(options);
  return {
    async authenticate(key) {
      const principal = await ledger.authenticate(key);
      return { role: principal.admin ? 'admin' : 'key', tenant: principal.tenant, keyId: principal.keyId };
    },
    info: options.info,
    registry,
    sources: options.sourceLog.read,
    async overview(range) {
      const budgets = await costs.budgets();
      const { unpriced, ...figures } = await overviewFigures({ ...options, budgets }, range);
      const endpoints = [...endpointsNow()];
      const failedEvaluations = (await evaluations.list()).flatMap(({ name, lastRun }) =>
        lastRun?.verdict === 'fail' ? [{ name, runId: lastRun.id, reason: lastRun.reasons[0] ?? '' }] : [],
      );
      return {
        ...figures,
        endpoints,
        attention: attentionOf({ budgets, endpoints, knowledge: await knowledge.list(), failedEvaluations, registry, unpriced }),
      };
    },
    models: () => Promise.resolve(servedModels({ ...options, endpoints: endpointsNow(), listPrice })),
    decisions: (filter) => Promise.resolve(router.decisions(withoutUndefined(filter))),
    routing: routingPorts({ ...options, endpoints: endpointsNow, costNanoUsd: costOf({ ledger, registry }) }),
    simulations: options.simulations,
    traces: tracePorts(traces),
    costs,
    keys: keyPorts(ledger),
    accounts: accountPorts(ledger),
    batches: batchControlPorts(options.batches),
    knowledge,
    runs: runPorts(options),
    agents: agentControlPorts(options),
    evaluations,
    pipelines: pipelineControlPorts(options),
    litellm: litellmPorts({ ...options, version: options.info().version, endpoints: endpointsNow }),
  };
}
