import type { TenantSpec } from '@maru/api/resources';
import type { Account } from './account.ts';
import { type Budget, budgetsOf } from './budget.ts';

/** A user within one account: what is used for it counts apart from what the user uses elsewhere. */
interface Member {
  /** Begins the ids of its limits, and is the id under which its spend is summed. */
  readonly id: string;
  /** For messages: `member "kim of crew"`. */
  readonly title: string;
  readonly rule: Omit<NonNullable<TenantSpec['members']>, 'named'>;
  readonly budgets: readonly Budget[];
}

/** What an account says about a user of its keys; undefined where it says nothing. */
export function memberOf(account: Account, user: string | undefined): Member | undefined {
  const { members } = account.spec;
  if (members === undefined || user === undefined || user === account.id) return undefined;
  const own = Object.hasOwn(members.named ?? {}, user) ? members.named?.[user] : undefined;
  return toMember(account, user, own ?? members);
}

export const namedMembers = (account: Account): readonly Member[] =>
  Object.entries(account.spec.members?.named ?? {}).map(([user, rule]) => toMember(account, user, rule));

function toMember(account: Account, user: string, rule: Member['rule']): Member {
  // No name of a user has an @ then: two users of two accounts never share an id.
  const id = memberKey(account.id, user);
  const name = `${user} of ${account.name}`;
  return { id: `member/${id}`, title: `member "${name}"`, rule, budgets: budgetsOf('member', { id, name }, rule.budgets) };
}

const memberKey = (accountId: string, user: string): string => `${encodeURIComponent(user.toWellFormed())}@${accountId}`;

/** The id under which the spend of a user within an account is summed. */
export const memberAccountId = (accountId: string, user: string): string => `member/${memberKey(accountId, user)}`;
