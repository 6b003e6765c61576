import type { NewKey } from '@maru/api/wire';

/** The form as it is typed. */
export interface KeyForm {
  readonly name: string;
  readonly tenant: string;
  /** Names between commas; all models when empty. */
  readonly models: string;
  readonly budgetUsd: string;
  readonly budgetWindow: (typeof BUDGET_WINDOWS)[number];
  readonly requestsPerMinute: string;
  readonly tokensPerMinute: string;
  readonly concurrentRequests: string;
  /** Days from now; never when empty. */
  readonly expiresDays: string;
}

export const BUDGET_WINDOWS = ['total', 'month', 'week', 'day', 'hour'] as const;

export const EMPTY_KEY_FORM: KeyForm = {
  name: '',
  tenant: 'default',
  models: '',
  budgetUsd: '',
  budgetWindow: 'total',
  requestsPerMinute: '',
  tokensPerMinute: '',
  concurrentRequests: '',
  expiresDays: '',
};

export type KeyFormField = Exclude<keyof KeyForm, 'budgetWindow'>;

const DAY_MS = 86_400_000;

const isCount = (text: string): boolean => text === '' || (/^\d+$/.test(text) && Number(text) > 0);
const isAmount = (text: string): boolean => text === '' || /^\d+(\.\d+)?$/.test(text);

/** Fields that can not be sent as they are. */
export function wrongFields(form: KeyForm): readonly KeyFormField[] {
  const wrong: KeyFormField[] = [];
  if (form.name.trim() === '' || form.name.length > 100) wrong.push('name');
  if (form.tenant.trim() === '') wrong.push('tenant');
  if (!isAmount(form.budgetUsd.trim())) wrong.push('budgetUsd');
  if (!isCount(form.requestsPerMinute.trim())) wrong.push('requestsPerMinute');
  if (!isCount(form.tokensPerMinute.trim())) wrong.push('tokensPerMinute');
  if (!isCount(form.concurrentRequests.trim())) wrong.push('concurrentRequests');
  if (!isCount(form.expiresDays.trim())) wrong.push('expiresDays');
  return wrong;
}

/** The request for a form without wrong fields; what is empty is left out, so that there is no limit. */
export function toNewKey(form: KeyForm, nowMs: number): NewKey {
  const models = form.models
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const number = (text: string): number | undefined => (text.trim() === '' ? undefined : Number(text));
  const budgetUsd = number(form.budgetUsd);
  const requestsPerMinute = number(form.requestsPerMinute);
  const tokensPerMinute = number(form.tokensPerMinute);
  const concurrentRequests = number(form.concurrentRequests);
  const expiresDays = number(form.expiresDays);
  const limits = {
    ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
    ...(tokensPerMinute === undefined ? {} : { tokensPerMinute }),
    ...(concurrentRequests === undefined ? {} : { concurrentRequests }),
  };
  return {
    name: form.name.trim(),
    tenant: form.tenant.trim(),
    ...(models.length === 0 ? {} : { models }),
    ...(budgetUsd === undefined ? {} : { budgets: [{ usd: budgetUsd, window: form.budgetWindow }] }),
    ...(expiresDays === undefined ? {} : { expiresMs: nowMs + expiresDays * DAY_MS }),
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
  };
}
