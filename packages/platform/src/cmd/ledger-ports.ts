import { type Usage, ZERO_USAGE } from '@maru/api/records';
import { type Model, PROVIDERS } from '@maru/api/resources';
import type { Sessions } from '#control';
import { PROVIDER_TABLE } from '#engines';
import type { Admission, AdmissionRequest, Authenticator, Awaitable, SettleFacts } from '#gateway';
import type { ChargeFacts, Ledger, PriceQuery, Principal, Reservation } from '#ledger';
import type { Registry } from '#resources';
import { findRoute } from './wildcards.ts';

/** Marks a browser session where a key is expected; no key begins like this. */
export const SESSION_PREFIX = 'session.';

/** Keys of the ledger, and sessions of the console: an administrator who is logged in may ask models too. */
export function gatewayAuthenticator(options: { ledger: Ledger; sessions: Pick<Sessions, 'find'> }): Authenticator {
  const { authenticate, allowsModel } = options.ledger;
  // One object per principal: what holds for it is remembered by it.
  const made = new WeakMap<Principal, Principal & { allows(name: string): boolean }>();
  const withModels = (principal: Principal): Principal => {
    let known = made.get(principal);
    if (known === undefined) {
      known = Object.freeze({ ...principal, allows: (name: string) => allowsModel(principal, name) });
      made.set(principal, known);
    }
    return known;
  };
  const authenticateCaller = (key: string): Awaitable<Principal> => {
    const session = key.startsWith(SESSION_PREFIX) ? options.sessions.find(key.slice(SESSION_PREFIX.length)) : undefined;
    if (session === undefined) {
      const known = authenticate(key);
      return known instanceof Promise ? known.then(withModels) : withModels(known);
    }
    return { keyId: session.keyId, tenant: session.tenant, name: 'console', admin: session.role === 'admin' };
  };
  return { authenticate: authenticateCaller };
}

export interface GatewayAdmissionOptions {
  readonly ledger: Ledger;
  readonly registry: Registry;
}

/** The answer that is reserved for when the client names no limit. */
const USUAL_ANSWER_TOKENS = 1024;
const MAX_INTERNAL = 1000;
const MAX_KNOWN_PRICES = 1000;

interface Held {
  readonly headers: Readonly<Record<string, string>>;
  readonly reservation: Reservation | undefined;
  readonly request: AdmissionRequest;
}

/** Limits, budgets and charges of the ledger for the gateway. An agent's own call is free: each model call of its run is admitted and charged by itself. */
export function gatewayAdmission({ ledger, registry }: GatewayAdmissionOptions): Admission {
  const hold = (request: AdmissionRequest, reservation: Reservation): Held => ({ headers: reservation.headers, reservation, request });
  const internal = new Map<string, Principal>();
  /** A call in the name of a key, inside of a run: its budget holds; its models and rates were asked for at the door. */
  const admitInternal = async (request: AdmissionRequest, ask: Parameters<Ledger['admit']>[1]): Promise<Held> => {
    const { keyId, tenant } = request.principal;
    const known = await ledger.principalOf(keyId);
    const same = internal.get(keyId);
    const fits = same !== undefined && same.tenant === tenant && same.user === known?.user && JSON.stringify(same.budgets) === JSON.stringify(known?.budgets);
    const principal: Principal = fits
      ? same
      : {
          keyId,
          tenant,
          name: known?.name ?? keyId,
          admin: true,
          ...(known?.user === undefined ? {} : { user: known.user }),
          ...(known?.budgets === undefined ? {} : { budgets: known.budgets }),
        };
    if (internal.size >= MAX_INTERNAL) internal.clear();
    internal.set(keyId, principal);
    return hold(request, await ledger.admit(principal, ask));
  };
  // Made anew for each request it would cost as much as the admission itself.
  const known = new Map<string, readonly PriceQuery[]>();
  registry.subscribe(() => known.clear());
  const pricesFor = (name: string): readonly PriceQuery[] => {
    let prices = known.get(name);
    if (prices === undefined) {
      if (known.size >= MAX_KNOWN_PRICES) known.clear();
      prices = pricesOf(registry, name);
      known.set(name, prices);
    }
    return prices;
  };
  return {
    admit(request) {
      const ask = {
        requestedModel: request.requestedModel,
        estimate: estimateOf(request),
        prices: pricesFor(request.requestedModel),
        // Without a user in the request the gateway names that of the key, whose account holds anyway.
        endUser: request.payee.user === request.principal.user ? undefined : request.payee.user,
        tags: request.tags,
      };
      if (!isLedgerPrincipal(request.principal)) return admitInternal(request, ask);
      const reserved = ledger.admit(request.principal, ask);
      return reserved instanceof Promise ? reserved.then((reservation) => hold(request, reservation)) : hold(request, reserved);
    },
    async settle(held, facts) {
      const { reservation, request } = held as Held;
      if (reservation === undefined) return { costNanoUsd: null };
      if (facts.provider === 'agent') {
        ledger.release(reservation);
        return { costNanoUsd: 0 };
      }
      const charge = await ledger.settleSoon(reservation, toChargeFacts(request, facts, registry));
      return { costNanoUsd: charge?.costNanoUsd ?? null };
    },
    release(held) {
      const { reservation } = held as Held;
      if (reservation !== undefined) ledger.release(reservation);
    },
  };
}

/** A token that names its end user leaves the request no choice. */
const endUserOf = (principal: AdmissionRequest['principal']): string | undefined => (isLedgerPrincipal(principal) ? principal.endUser : undefined);

/** Principals of the ledger come from its keys; callers inside of the process name only who pays. */
export const isLedgerPrincipal = (principal: AdmissionRequest['principal']): principal is Principal => 'admin' in principal;

function estimateOf(request: AdmissionRequest): Usage {
  const outputTokens = request.operation === 'embeddings' ? 0 : (request.maxTokens ?? USUAL_ANSWER_TOKENS);
  return { ...ZERO_USAGE, inputTokens: request.promptTokens, outputTokens };
}

/** The discount for batches of the Model that answered, or of the batch API of its provider. */
function batchDiscount(model: Model | undefined): ChargeFacts['discount'] {
  const spec = model?.spec;
  const percent = spec?.batchPercent ?? (spec?.provider?.batchApi === true ? PROVIDER_TABLE[spec.provider.name].batchApi?.percent : undefined);
  return percent === undefined ? undefined : { for: 'batch', share: percent / 100 };
}

function toChargeFacts({ principal, payee }: AdmissionRequest, facts: SettleFacts, registry: Registry): ChargeFacts {
  const model = registry.get('Model', facts.model);
  return {
    requestId: facts.requestId,
    traceId: facts.traceId,
    model: facts.model,
    endpoint: facts.endpoint,
    provider: facts.provider,
    servedName: facts.servedName,
    pricedAs: model === undefined ? undefined : pricedAs(model),
    simulated: facts.simulated,
    usage: facts.usage,
    outcome: facts.outcome,
    price: model?.spec.price,
    baseUrl: model?.spec.provider?.baseUrl,
    discount: facts.share === undefined ? (payee.batch === true ? batchDiscount(model) : undefined) : { for: 'cache', share: facts.share },
    user: endUserOf(principal) ?? payee.user,
    id: payee.once === undefined ? undefined : `chg_${payee.once}`,
    session: payee.session,
    agent: payee.agent,
  };
}

/** Prices of every Model that may answer a public name. */
function pricesOf(registry: Registry, name: string): readonly PriceQuery[] {
  const model = registry.get('Model', name);
  if (model !== undefined) return [priceQueryOf(model)];
  const route = findRoute(registry, name);
  if (route === undefined) return [];
  const names = new Set([
    ...route.spec.backends.map((backend) => backend.model),
    ...(route.spec.canary === undefined ? [] : [route.spec.canary.model]),
    ...route.spec.fallbacks.flatMap((fallback) => fallback.to),
  ]);
  return [...names].flatMap((each) => {
    const behind = registry.get('Model', each);
    return behind === undefined ? [] : [priceQueryOf(behind)];
  });
}

/** How the price of a Model is looked up. */
export function priceQueryOf(model: Model): PriceQuery {
  const { provider, serving, price } = model.spec;
  const other = pricedAs(model);
  if (other !== undefined) return { ...other, price };
  return {
    provider: provider?.name ?? serving?.engine ?? 'unknown',
    model: provider?.model ?? serving?.servedName ?? model.metadata.name,
    price,
    baseUrl: provider?.baseUrl,
  };
}

/** The model behind the name of a deployment; what stands before the first slash may be its provider. */
function pricedAs({ spec }: Model): { readonly provider: string; readonly model: string } | undefined {
  if (spec.provider?.baseModel === undefined) return undefined;
  const { name, baseModel } = spec.provider;
  const slash = baseModel.indexOf('/');
  const prefix = baseModel.slice(0, Math.max(0, slash));
  return PROVIDERS.some((known) => known === prefix) ? { provider: prefix, model: baseModel.slice(slash + 1) } : { provider: name, model: baseModel };
}

/** What a model would charge for a usage; null where no price is known. */
export const costOf =
  ({ ledger, registry }: GatewayAdmissionOptions) =>
  (model: string, usage: Usage): number | null => {
    const resource = registry.get('Model', model);
    return resource === undefined ? null : ledger.priceOf(usage, priceQueryOf(resource)).costNanoUsd;
  };

/**
 * Tokens of a model's context: what its resource says, else what is known of the model behind the name of a deployment. Looked up once per
 * model, until a resource changes.
 */
export function contextWindows({
  ledger,
  registry,
}: {
  readonly ledger: Pick<Ledger, 'contextWindowOf'>;
  readonly registry: Registry;
}): (model: string) => number | undefined {
  const known = new Map<string, number | undefined>();
  registry.subscribe(() => known.clear());
  return (name) => {
    const model = registry.get('Model', name);
    if (model === undefined || model.spec.contextWindow !== undefined || model.spec.provider?.baseModel === undefined) return model?.spec.contextWindow;
    if (!known.has(name)) known.set(name, ledger.contextWindowOf(priceQueryOf(model)));
    return known.get(name);
  };
}
