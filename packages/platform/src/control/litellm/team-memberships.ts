import { type Account, memberAccountId } from '#ledger';
import { membersOf } from './members.ts';
import type { LitellmPorts } from './ports.ts';
import { spendOf } from './spend-of.ts';

/** What members have spent within a team, with their budgets; those without either are left out. */
export async function membershipsOf({ ledger }: LitellmPorts, account: Account): Promise<readonly Record<string, unknown>[]> {
  if (account.spec.members === undefined) return [];
  const members = membersOf(account).flatMap((member) => (typeof member.user_id === 'string' ? [{ ...member, user_id: member.user_id }] : []));
  const spent = await spendOf(
    ledger,
    members.map((member) => memberAccountId(account.id, member.user_id)),
  );
  return members.map((member) => {
    const rule = account.spec.members?.named?.[member.user_id] ?? account.spec.members;
    const [budget] = rule?.budgets ?? [];
    return {
      user_id: member.user_id,
      team_id: account.name,
      spend: spent(memberAccountId(account.id, member.user_id)),
      budget_id: null,
      litellm_budget_table:
        budget === undefined && rule?.limits === undefined
          ? null
          : { max_budget: budget?.usd ?? null, rpm_limit: rule?.limits?.requestsPerMinute ?? null, tpm_limit: rule?.limits?.tokensPerMinute ?? null },
    };
  });
}
