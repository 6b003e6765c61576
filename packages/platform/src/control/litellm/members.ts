import { PlatformError } from '@maru/api/errors';
import { z } from 'zod';
import type { Account } from '#ledger';
import { keptFields } from './kept-fields.ts';

/** A person of a team or an organisation. */
export const memberSchema = z.looseObject({ role: z.string().default('user'), user_id: z.string().nullish(), user_email: z.string().nullish() });
export type Member = z.infer<typeof memberSchema>;
type Name = Pick<Member, 'user_id' | 'user_email'>;

/** Who belongs to an account, as `field` of what is kept about it says. */
export const membersOf = (account: Account, field = 'members_with_roles'): readonly Member[] =>
  z.array(memberSchema).catch([]).parse(keptFields(account.metadata)[field]);

/** A list with further members; one that is there already is replaced. Throws `invalid_request` for a member without a name. */
export function withMembers(before: readonly Member[], added: readonly Member[]): readonly Member[] {
  for (const member of added)
    if (typeof member.user_id !== 'string' && typeof member.user_email !== 'string')
      throw new PlatformError('invalid_request', { message: 'a member needs user_id or user_email', details: { param: 'member' } });
  return [...before.filter((member) => !added.some((other) => isSame(member, other))), ...added];
}

/** Members with a budget of their own within the team, where one was given for all that are added. */
export const withBudgetInTeam = (members: readonly Member[], budget: number | null | undefined): readonly Member[] =>
  budget === null || budget === undefined ? members : members.map((member) => ({ ...member, max_budget_in_team: budget }));

export const withoutMember = (before: readonly Member[], name: Name): readonly Member[] => before.filter((member) => !isSame(member, name));

/** Throws `not_found`. */
export function findMember(members: readonly Member[], name: Name): Member {
  const found = members.find((member) => isSame(member, name));
  if (found === undefined) throw new PlatformError('not_found', { message: `"${name.user_id ?? name.user_email ?? ''}" is no member` });
  return found;
}

const isSame = (left: Name, right: Name): boolean =>
  (typeof left.user_id === 'string' && left.user_id === right.user_id) || (typeof left.user_email === 'string' && left.user_email === right.user_email);
