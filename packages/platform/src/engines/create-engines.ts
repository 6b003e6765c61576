import { durationToMs, type Model, type SecretRef } from '@maru/api/resources';
import type { Clock } from '#time';
import { continuationOf } from './continuation/continuation.ts';
import { ENGINE_OPERATIONS, type Engine, type EngineOperation, type EngineRole } from './engine.ts';
import { createOpenAiCompatibleEngine } from './openai-compatible/openai-compatible-engine.ts';
import { providerEngines } from './providers/provider-engines.ts';
import type { ProviderEntry } from './providers/provider-entry.ts';
import { PROVIDER_TABLE } from './providers/provider-table.ts';

/** One replica that runs in this process. */
export interface LocalReplica {
  readonly model: Model;
  /** Unique in the platform, `NAME-INDEX`; `NAME-ROLE-INDEX` where replicas share the work. */
  readonly endpoint: string;
  readonly index: number;
  readonly role?: EngineRole;
}

/** One replica that runs elsewhere. */
interface RemoteReplica {
  /** Unique in the platform, and the same whenever the address is found again. */
  readonly endpoint: string;
  /** With `/v1`. */
  readonly baseUrl: string;
  readonly role?: EngineRole | undefined;
}

export interface CreateEnginesDeps {
  readonly clock: Clock;
  /** Throws `config_invalid` when the secret is not set. */
  readonly resolveSecret: (ref: SecretRef) => string;
  /** Variables of the process that concern clouds: where the credentials of AWS, Azure and Google Cloud come from. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The replicas of a model that run elsewhere; empty while there are none. */
  readonly endpointsOf: (model: Model) => readonly RemoteReplica[];
  readonly createTwin: (replica: LocalReplica) => Engine;
  readonly createReader: (replica: LocalReplica) => Engine;
  /** Twins may answer in place of replicas that are not there; never in a cluster. */
  readonly standIns: boolean;
}

/**
 * The engines of a Model: one per address of a provider, one per replica that runs here, one per replica in the cluster.
 * Throws `resource_invalid` when an address is missing, and what `resolveSecret` throws.
 */
export function createEngines(model: Model, deps: CreateEnginesDeps): Engine[] {
  const { serving, provider } = model.spec;
  if (provider !== undefined) return providerEngines({ model, provider, operations: operationsOf(model) }, deps);
  if (serving === undefined) return [];
  if (serving.engine === 'twin' || serving.engine === 'reader' || (deps.standIns && hasStandIns(model))) {
    return localReplicas(model).map(serving.engine === 'reader' ? deps.createReader : deps.createTwin);
  }
  return deps.endpointsOf(model).map(({ endpoint, baseUrl, role }) => ({
    ...(role === undefined ? {} : { role }),
    ...createOpenAiCompatibleEngine({
      endpoint,
      model: model.metadata.name,
      provider: serving.engine,
      servedName: serving.servedName ?? model.metadata.name,
      baseUrl,
      operations: operationsOf(model),
      timeoutMs: durationToMs(model.spec.timeout),
      continuation: continuationOf({
        declared: model.spec.continuation,
        entry: entryOf(serving.engine),
        servedName: serving.servedName ?? model.metadata.name,
      }),
    }),
  }));
}

/** Whether twins answer in place of the replicas of another engine, where this process has no cluster. */
export const hasStandIns = ({ spec: { serving } }: Model): boolean =>
  serving !== undefined && serving.engine !== 'twin' && serving.engine !== 'reader' && serving.twin !== undefined && serving.endpoints === undefined;

function localReplicas(model: Model): LocalReplica[] {
  const { name } = model.metadata;
  const { replicas, disaggregation } = model.spec.serving ?? { replicas: 0 };
  const some = (count: number, role?: EngineRole): LocalReplica[] =>
    Array.from({ length: count }, (_, index) => ({
      model,
      index,
      endpoint: role === undefined ? `${name}-${index}` : `${name}-${role}-${index}`,
      ...(role === undefined ? {} : { role }),
    }));
  return disaggregation === undefined ? some(replicas) : [...some(disaggregation.prefillReplicas, 'prefill'), ...some(disaggregation.decodeReplicas, 'decode')];
}

/** What a Model can be asked for, by its capabilities. */
export const operationsOf = (model: Model): readonly EngineOperation[] => ENGINE_OPERATIONS.filter((operation) => model.spec.capabilities.includes(operation));

/** A server that Maru runs goes on as the same server does that a team runs itself. */
const entryOf = (engine: string): Pick<ProviderEntry, 'continuation'> => (engine === 'vllm' || engine === 'sglang' ? PROVIDER_TABLE[engine] : {});
