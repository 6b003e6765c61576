import type { Charge, RouteDecision, Run, RunStep, Score } from '@maru/api/records';
import type {
  AccountInfo,
  AccountSpend,
  AgentInfo,
  BatchSummary,
  BudgetState,
  CalibrationPoint,
  Costs,
  DecisionDetail,
  EvaluationRow,
  EvaluationRun,
  KeyChange,
  KeyInfo,
  KnowledgeBaseInfo,
  LocateRequest,
  NewKey,
  NewScore,
  NewSimulation,
  Overview,
  Page,
  PassageInfo,
  PrefixPlaces,
  Routing,
  RunEvent,
  Savings,
  ServedModel,
  SessionInfo,
  Simulation,
  SimulationDetail,
  SimulationOptions,
  SimulationTrace,
  SourcesStatus,
  TraceDetail,
  TraceSummary,
} from '@maru/api/wire';
import type { Registry } from '#resources';
import type { LitellmPorts } from './litellm/ports.ts';

/** Who calls the control API. */
export interface ControlPrincipal {
  readonly role: 'admin' | 'key';
  readonly tenant: string;
  readonly keyId: string;
}

export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A range that may be open at either end. */
interface OpenRange {
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}

export interface PageRequest {
  readonly cursor?: string | undefined;
  readonly limit: number;
}

export interface TraceFilter extends OpenRange, PageRequest {
  readonly name?: string | undefined;
  readonly session?: string | undefined;
  readonly user?: string | undefined;
  readonly tenant?: string | undefined;
  readonly model?: string | undefined;
  readonly status?: 'ok' | 'error' | undefined;
  readonly minDurationMs?: number | undefined;
  readonly text?: string | undefined;
}

/** Bytes of a foreign protocol, and the answer in that protocol. */
export interface ForeignRequest {
  readonly body: Buffer;
  readonly contentType: string;
  readonly encoding: string;
}
export interface ForeignReply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Uint8Array;
}

interface TrafficFilter {
  readonly fromMs: number;
  readonly toMs: number;
  readonly model?: string | undefined;
  readonly tenant?: string | undefined;
  readonly signal: AbortSignal;
}

export interface TracePorts {
  list(filter: TraceFilter): Promise<Page<TraceSummary>>;
  get(traceId: string): Promise<TraceDetail | undefined>;
  /** Recorded calls as lines for the simulator; throws `not_found` where there is none. */
  exportTraffic(filter: TrafficFilter): AsyncIterable<string>;
  addScore(score: NewScore, tenant: string): Promise<Score>;
  ingestOtlp(request: ForeignRequest, tenant: string): Promise<ForeignReply>;
  ingestLangfuse(request: ForeignRequest, tenant: string): Promise<ForeignReply>;
  /** One score, as Langfuse SDKs send it. */
  ingestLangfuseScore(request: ForeignRequest, tenant: string): Promise<ForeignReply>;
}

export interface CostPorts {
  costs(query: TimeRange & { readonly by: Costs['by']; readonly split?: 'model' | undefined }): Promise<Costs>;
  charges(
    filter: OpenRange &
      PageRequest & {
        readonly tenant?: string | undefined;
        readonly keyId?: string | undefined;
        readonly model?: string | undefined;
        readonly traceId?: string | undefined;
        readonly requestId?: string | undefined;
      },
  ): Promise<Page<Charge>>;
  savings(range: TimeRange): Promise<Savings>;
  budgets(): Promise<readonly BudgetState[]>;
}

interface AccountFilter extends PageRequest {
  readonly level?: AccountInfo['level'] | undefined;
  readonly parent?: string | undefined;
  readonly text?: string | undefined;
}

export interface AccountPorts {
  list(filter: AccountFilter): Promise<Page<AccountInfo>>;
  get(
    level: AccountInfo['level'],
    name: string,
  ): Promise<{ readonly account: AccountInfo; readonly path: readonly Pick<AccountInfo, 'id' | 'level' | 'name'>[] } | undefined>;
  /** Of whole days; also of an end user or a tag that has no account. */
  spend(account: Pick<AccountInfo, 'level' | 'name'>, query: TimeRange & Pick<AccountSpend, 'by'>): Promise<AccountSpend>;
}

export interface KeyPorts {
  list(): Promise<readonly KeyInfo[]>;
  create(key: NewKey): Promise<{ readonly key: KeyInfo; readonly secret: string }>;
  /** Throws `not_found`. */
  update(id: string, change: KeyChange): Promise<KeyInfo>;
  /** A new secret; the one before goes on working for a while. Throws `not_found`. */
  rotate(id: string, graceMs: number): Promise<{ readonly key: KeyInfo; readonly secret: string }>;
  /** False when there is no such key. */
  revoke(id: string): Promise<boolean>;
}

export interface KnowledgeDocument {
  readonly id: string;
  readonly path: string;
  readonly title: string | null;
  readonly type: string;
  readonly bytes: number;
  readonly passages: number;
  readonly state: 'indexed' | 'failed';
  readonly error: string | null;
  readonly updatedMs: number;
}

export interface KnowledgePorts {
  list(): Promise<readonly KnowledgeBaseInfo[]>;
  documents(base: string): Promise<readonly KnowledgeDocument[]>;
  search(
    base: string,
    query: { readonly query: string; readonly topK?: number | undefined; readonly mode?: 'hybrid' | 'keyword' | 'vector' | undefined },
    signal: AbortSignal,
  ): Promise<readonly PassageInfo[]>;
  passage(base: string, id: string): Promise<PassageInfo | undefined>;
  /** Starts an ingestion, or joins the one that runs. */
  ingest(base: string): Promise<Run>;
}

export interface RunFilter extends PageRequest {
  readonly kind?: Run['kind'] | undefined;
  readonly resource?: string | undefined;
  readonly state?: Run['state'] | undefined;
}

export interface RunPorts {
  list(filter: RunFilter): Promise<Page<Run>>;
  get(id: string): Promise<
    | {
        readonly run: Run;
        readonly steps: readonly RunStep[];
        readonly approvals: readonly { readonly callId: string; readonly tool: string; readonly arguments: unknown }[];
      }
    | undefined
  >;
  cancel(id: string): Promise<void>;
  resume(id: string): Promise<void>;
  approve(id: string, verdict: { readonly callId: string; readonly approved: boolean; readonly comment?: string | undefined }): Promise<void>;
  events(id: string, signal: AbortSignal): AsyncIterable<RunEvent>;
}

export interface AgentPorts {
  list(): Promise<readonly AgentInfo[]>;
  start(agent: string, request: { readonly input: string; readonly session?: string | undefined }, principal: ControlPrincipal): Promise<Run>;
}

export interface EvaluationSummary {
  readonly name: string;
  readonly description: string | null;
  readonly dataset: string;
  readonly target: string;
  readonly evaluators: readonly string[];
  readonly lastRun: EvaluationRun | null;
}

export interface EvaluationPorts {
  list(): Promise<readonly EvaluationSummary[]>;
  runs(name: string, page: PageRequest): Promise<Page<EvaluationRun>>;
  get(runId: string): Promise<{ readonly run: EvaluationRun; readonly rows: readonly EvaluationRow[] } | undefined>;
  start(name: string): Promise<EvaluationRun>;
}

export interface PipelineSummary {
  readonly name: string;
  readonly description: string | null;
  readonly steps: readonly { readonly name: string; readonly type: string; readonly needs: readonly string[] }[];
  readonly lastRun: Run | null;
}

export interface PipelinePorts {
  list(): Promise<readonly PipelineSummary[]>;
  start(name: string): Promise<Run>;
}

export interface RoutingPorts {
  endpoints(): Promise<Routing>;
  calibration(range: TimeRange): Promise<{ readonly stretchMs: number; readonly items: readonly CalibrationPoint[] }>;
  /** Undefined where it is not kept any more. */
  decision(id: string): Promise<DecisionDetail | undefined>;
  /** Throws `model_not_found`, and `not_found` for a session that is not kept. */
  locate(request: LocateRequest): Promise<PrefixPlaces>;
}

export interface SimulationPorts {
  options(): Promise<SimulationOptions>;
  /** Newest first. */
  list(): Promise<readonly Simulation[]>;
  get(id: string): Promise<SimulationDetail | undefined>;
  /** Throws `invalid_request` for what can not be played, and `conflict` when too many wait. */
  start(request: NewSimulation): Promise<Simulation>;
  /** Throws `not_found`, as all that follow. */
  cancel(id: string): Promise<Simulation>;
  /** Throws `conflict` for one that runs or is done. */
  resume(id: string): Promise<Simulation>;
  /** Throws `conflict` for one that runs. */
  remove(id: string): Promise<void>;
  /** One HTML page; throws `conflict` while nothing has been played. */
  report(id: string): Promise<string>;
  /** Throws `invalid_request` for what is no trace, and `conflict` when there are too many. */
  upload(name: string, bytes: Buffer): Promise<SimulationTrace>;
  removeTrace(id: string): Promise<void>;
}

/** Everything that the control API shows and does; handed in by `cmd/`. */
/** Batches of all tenants. */
export interface BatchControlPorts {
  list(query: PageRequest & { readonly tenant?: string | undefined }): Promise<Page<BatchSummary>>;
  /** Throws `not_found`, and `conflict` for a batch that is over. */
  cancel(id: string): Promise<void>;
}

export interface ControlPorts {
  /** Throws `unauthenticated` or `key_revoked`. */
  authenticate(key: string): Promise<ControlPrincipal>;
  info(): Omit<SessionInfo, 'principal'>;
  readonly registry: Registry;
  /** What became of the files that the resources come from. */
  sources(): SourcesStatus;
  /** Reads the YAML of a client; file paths in it are refused to leave the data folder. */
  overview(range: TimeRange & { readonly buckets: number }): Promise<Overview>;
  models(): Promise<readonly ServedModel[]>;
  decisions(filter: {
    readonly requestId?: string | undefined;
    readonly traceId?: string | undefined;
    /** The public name that was asked for. */
    readonly route?: string | undefined;
    /** The Model that was chosen. */
    readonly model?: string | undefined;
    readonly endpoint?: string | undefined;
    readonly limit: number;
  }): Promise<readonly RouteDecision[]>;
  readonly routing: RoutingPorts;
  readonly simulations: SimulationPorts;
  readonly traces: TracePorts;
  readonly costs: CostPorts;
  readonly keys: KeyPorts;
  readonly batches: BatchControlPorts;
  readonly accounts: AccountPorts;
  readonly knowledge: KnowledgePorts;
  readonly runs: RunPorts;
  readonly agents: AgentPorts;
  readonly evaluations: EvaluationPorts;
  readonly pipelines: PipelinePorts;
  readonly litellm: LitellmPorts;
}
