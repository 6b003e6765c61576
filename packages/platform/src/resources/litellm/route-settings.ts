import type { FailureClass } from '@maru/api/resources';
import { isMap } from './entry.ts';
import type { MergedConfig } from './merge-includes.ts';
import type { Notices } from './notices.ts';
import type { Path } from './place.ts';
import type { Variables } from './variables.ts';

/** A setting with the place where it was written. */
export interface Setting {
  readonly value: unknown;
  readonly path: Path;
}

/** Settings of the router: `router_settings` win over the same key in `litellm_settings`. */
export interface RouteSettings {
  find(key: string): Setting | undefined;
  value(key: string): unknown;
}

export function readRouteSettings(config: MergedConfig, variables: Variables): RouteSettings {
  const blocks = ['router_settings', 'litellm_settings'].flatMap((name) => {
    const block = config.value[name];
    return isMap(block) ? [{ name, block }] : [];
  });
  const find = (key: string): Setting | undefined => {
    const holder = blocks.find(({ block }) => block[key] !== undefined && block[key] !== null);
    if (holder === undefined) return undefined;
    const path = [holder.name, key];
    return { value: variables.resolve(holder.block[key], path), path };
  };
  return { find, value: (key) => find(key)?.value };
}

const CLASSES: Readonly<Record<string, FailureClass>> = {
  BadRequestError: 'badRequest',
  AuthenticationError: 'authentication',
  TimeoutError: 'timeout',
  RateLimitError: 'rateLimit',
  ContentPolicyViolationError: 'contentPolicy',
  InternalServerError: 'serverError',
  ServiceUnavailableError: 'unavailable',
  BadGatewayError: 'badGateway',
  NotFoundError: 'notFound',
};

export interface PolicyOptions {
  /** `Retries` or `AllowedFails`. */
  readonly ending: string;
  readonly most: number;
  readonly least: number;
}

/** A policy per class of failure, such as `{TimeoutErrorRetries: 3}`. */
export function readPolicy(setting: Setting, notices: Notices, options: PolicyOptions): Partial<Record<FailureClass, number>> {
  if (!isMap(setting.value)) return {};
  const policy: Partial<Record<FailureClass, number>> = {};
  for (const [key, value] of Object.entries(setting.value)) {
    if (value === null || key === `Default${options.ending}`) continue;
    const failure = key.endsWith(options.ending) ? CLASSES[key.slice(0, -options.ending.length)] : undefined;
    if (failure === undefined || typeof value !== 'number') notices.warn([...setting.path, key], 'is not a class of failure with a number; it is left out');
    else policy[failure] = Math.min(options.most, Math.max(options.least, Math.floor(value)));
  }
  return policy;
}
