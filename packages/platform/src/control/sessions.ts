import { createHash } from 'node:crypto';
import type { Clock, Ids } from '#time';
import type { ControlPrincipal } from './ports.ts';

const SESSION_MS = 12 * 3_600_000;
const LOGIN_MS = 15 * 60_000;

/** Sessions of people in a browser; in memory, so a restart logs out. */
export interface Sessions {
  /** A token that logs an administrator in once, within 15 minutes. */
  createLogin(): string;
  /** The session of a login token; undefined when it is unknown, used or too old. */
  redeemLogin(token: string): string | undefined;
  create(principal: ControlPrincipal): string;
  find(token: string): ControlPrincipal | undefined;
  end(token: string): void;
}

export interface SessionsOptions {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly admin: ControlPrincipal;
}

export function createSessions({ clock, ids, admin }: SessionsOptions): Sessions {
  // Only hashes are kept: who reads the memory of a dump finds no token.
  const sessions = new Map<string, { principal: ControlPrincipal; untilMs: number }>();
  const logins = new Map<string, number>();
  const sweep = (): void => {
    const nowMs = clock.nowMs();
    for (const [hash, session] of sessions) if (session.untilMs <= nowMs) sessions.delete(hash);
    for (const [hash, untilMs] of logins) if (untilMs <= nowMs) logins.delete(hash);
  };
  const create = (principal: ControlPrincipal): string => {
    sweep();
    const token = ids.secret();
    sessions.set(hashOf(token), { principal, untilMs: clock.nowMs() + SESSION_MS });
    return token;
  };
  return {
    createLogin: () => {
      const token = ids.secret();
      logins.set(hashOf(token), clock.nowMs() + LOGIN_MS);
      return token;
    },
    redeemLogin: (token) => {
      sweep();
      return logins.delete(hashOf(token)) ? create(admin) : undefined;
    },
    create,
    find: (token) => {
      const session = sessions.get(hashOf(token));
      return session !== undefined && session.untilMs > clock.nowMs() ? session.principal : undefined;
    },
    end: (token) => void sessions.delete(hashOf(token)),
  };
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');
