import type { TenantSpec } from '@maru/api/resources';
import { z } from 'zod';
import type { AccountKind } from './account-kinds.ts';
import { memberSchema } from './members.ts';
import { toBudgets, toLimits } from './money-fields.ts';

type Fields = Readonly<Record<string, unknown>>;
type Rules = NonNullable<TenantSpec['members']>;

const figures = z.object({
  max_budget: z.number().nonnegative().nullish().catch(null),
  budget_duration: z.string().nullish().catch(null),
  rpm_limit: z.number().nullish().catch(null),
  tpm_limit: z.number().nullish().catch(null),
});

/** What members of a team or an organisation may use within it; undefined where nothing is said. A member who is known by an e-mail only has no keys. */
export function toMemberRules(said: Fields, { list, budget, all }: NonNullable<AccountKind['members']>): Rules | undefined {
  const each = toRule({
    max_budget: said[`${all}_budget`],
    budget_duration: said[`${all}_budget_duration`],
    rpm_limit: said[`${all}_rpm_limit`],
    tpm_limit: said[`${all}_tpm_limit`],
  });
  const named = z
    .array(memberSchema)
    .catch([])
    .parse(said[list])
    .flatMap((member) => {
      if (typeof member.user_id !== 'string' || member.user_id === '') return [];
      const own = toRule({ ...member, max_budget: member[budget] });
      // What is not said of one holds as for all of them.
      return own === undefined ? [] : [[member.user_id, { ...each, ...own, budgets: own.budgets.length > 0 ? own.budgets : (each?.budgets ?? []) }] as const];
    });
  if (each === undefined && named.length === 0) return undefined;
  return { budgets: [], ...each, ...(named.length === 0 ? {} : { named: Object.fromEntries(named) }) };
}

function toRule(said: Fields): Omit<Rules, 'named'> | undefined {
  const fields = figures.parse(said);
  const limits = toLimits(fields);
  const budgets = toBudgets(fields);
  return limits === undefined && budgets.length === 0 ? undefined : { budgets, ...(limits === undefined ? {} : { limits }) };
}
