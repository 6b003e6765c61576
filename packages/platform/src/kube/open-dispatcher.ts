import type { DispatcherOptions } from '@kubernetes/client-node';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';

/** As client-go; a cloud's load balancers forget a connection that was silent for a minute. */
const KEEP_ALIVE_MS = 30_000;
// An API server offers HTTP/2, and undici ends the whole process (an 'error' that nobody hears) when an idle connection of that kind is closed.
const ONLY_HTTP1 = { allowH2: false };

/** Connections to one API server, in HTTP/1.1, kept and used again; through a proxy (HTTP or SOCKS 5) where `way` names one. */
export function openDispatcher(way: DispatcherOptions): Dispatcher {
  const keepAlive = { keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS };
  if (way.type === 'none') return new Agent({ ...ONLY_HTTP1, connect: keepAlive });
  if (way.type === 'agent') return new Agent({ ...ONLY_HTTP1, connect: { ...keepAlive, ...way.connect } as NonNullable<Agent.Options['connect']> });
  const uri = way.uri.replace(/^socks(5h)?:/, 'socks5:');
  return new ProxyAgent({ ...ONLY_HTTP1, uri, requestTls: way.requestTls as NonNullable<ProxyAgent.Options['requestTls']>, connect: keepAlive });
}
