import type { AgentsTables } from './agents.ts';
import type { BatchesTables } from './batches.ts';
import type { CacheTables } from './cache.ts';
import type { EvalsTables } from './evals.ts';
import type { GatewayTables } from './gateway.ts';
import type { KnowledgeTables } from './knowledge.ts';
import type { LeaseTables } from './leases.ts';
import type { LedgerTables } from './ledger.ts';
import type { PipelinesTables } from './pipelines.ts';
import type { ResourcesTables } from './resources.ts';
import type { TracesTables } from './traces.ts';

/** Every table of the database; the SQL of a table is written only in the room that owns it. */
export interface Tables
  extends LeaseTables,
    ResourcesTables,
    LedgerTables,
    TracesTables,
    KnowledgeTables,
    AgentsTables,
    EvalsTables,
    GatewayTables,
    PipelinesTables,
    CacheTables,
    BatchesTables {}
