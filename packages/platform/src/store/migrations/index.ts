import { leases } from './0001-leases.ts';
import { resources } from './0002-resources.ts';
import { ledger } from './0003-ledger.ts';
import { traces } from './0004-traces.ts';
import { knowledge } from './0005-knowledge.ts';
import { agents } from './0006-agents.ts';
import { evals } from './0007-evals.ts';
import { pipelines } from './0008-pipelines.ts';
import { accounts } from './0009-accounts.ts';
import { cache } from './0010-cache.ts';
import { batches } from './0011-batches.ts';
import { responses } from './0013-responses.ts';
import { quotas } from './0014-quotas.ts';
import { idempotency } from './0016-idempotency.ts';
import { responseEvents } from './0017-response-events.ts';
import { wholeTraces } from './0018-whole-traces.ts';
import { limitsEpoch } from './0019-limits-epoch.ts';
import { chargeDiscount } from './0020-charge-discount.ts';
import { batchParts } from './0021-batch-parts.ts';
import type { Migration } from './migration.ts';

/** All migrations by name; names are never changed after a release. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = Object.freeze({
  '0001-leases': leases,
  '0002-resources': resources,
  '0003-ledger': ledger,
  '0004-traces': traces,
  '0005-knowledge': knowledge,
  '0006-agents': agents,
  '0007-evals': evals,
  '0008-pipelines': pipelines,
  '0009-accounts': accounts,
  '0010-cache': cache,
  '0011-batches': batches,
  '0013-responses': responses,
  '0014-quotas': quotas,
  '0016-idempotency': idempotency,
  '0017-response-events': responseEvents,
  '0018-whole-traces': wholeTraces,
  '0019-limits-epoch': limitsEpoch,
  '0020-charge-discount': chargeDiscount,
  '0021-batch-parts': batchParts,
});
