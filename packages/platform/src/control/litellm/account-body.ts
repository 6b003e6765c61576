import { z } from 'zod';
import { moneyShape } from './money-fields.ts';

const text = z.string().min(1).max(256).nullish();

/** What may be said about a team, a user, an organisation or a customer; further fields are kept where LiteLLM shows them again. */
const accountShape = {
  ...moneyShape,
  models: z.array(z.string()).nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
  blocked: z.boolean().nullish(),
  budget_id: text,
  team_id: text,
  user_id: text,
  organization_id: text,
  team_alias: z.string().nullish(),
  organization_alias: z.string().nullish(),
  user_email: z.string().nullish(),
  user_alias: z.string().nullish(),
  alias: z.string().nullish(),
  user_role: z.string().nullish(),
};
export const accountBodySchema = z.looseObject(accountShape);

/** Refusal or permission out of a body; undefined where it says neither. */
export const blockedOf = (body: { readonly blocked?: boolean | null | undefined }): { readonly blocked?: boolean } =>
  typeof body.blocked === 'boolean' ? { blocked: body.blocked } : {};
