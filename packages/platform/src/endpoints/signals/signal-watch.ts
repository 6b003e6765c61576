import { isPlatformError } from '@maru/api/errors';
import { type Clock, type Repetition, repeat } from '#time';
import type { Degradations } from '../degradations.ts';
import type { HttpClient } from '../http-client.ts';
import { judgeSignals, type Look, type OwnCounts } from './judge-signals.ts';
import { type EndpointSignals, readSignals } from './read-signals.ts';

const MAX_BYTES = 8 * 1024 * 1024;
const KEPT_LOOKS = 8;
/** Looks after which something that is not believed is stale. */
const STALE_LOOKS = 4;

/** What is known of one endpoint's own report. */
export interface WatchedSignals {
  /** Undefined while there is nothing that may be believed. */
  readonly signals: EndpointSignals | undefined;
  /** Age of the newest report, believed or not, in milliseconds; infinite before the first. */
  readonly ageMs: number;
  readonly stale: boolean;
  /** Sizes of the cache, which stay true while the load is stale. */
  readonly kvTokens: number | undefined;
  readonly blocks: number | undefined;
  readonly blockSize: number | undefined;
}

export interface SignalWatch {
  read(): WatchedSignals;
  /** Looks once; never throws. */
  look(): Promise<void>;
  close(): Promise<void>;
}

export interface SignalWatchOptions {
  readonly endpoint: string;
  readonly url: string;
  readonly everyMs: number;
  /** Names under which the endpoint may serve its model; none is checked where empty. */
  readonly models: readonly string[];
  readonly own: () => OwnCounts;
  readonly client: HttpClient;
  readonly clock: Clock;
  readonly degradations: Degradations;
  readonly onRestart: () => void;
}

/** Reads an endpoint's metrics again and again until it is closed; what can not be believed is named and not used. */
export function watchSignals(options: SignalWatchOptions): SignalWatch {
  const { endpoint, clock, degradations } = options;
  const stop = new AbortController();
  let looks: Look[] = [];
  let believed: Look | undefined;
  let newestMs = Number.NEGATIVE_INFINITY;
  let wasStale = false;

  const take = (signals: EndpointSignals): void => {
    const atMs = clock.monotonicMs();
    newestMs = atMs;
    const look: Look = { atMs, signals, own: options.own() };
    looks = [...looks, look].slice(-KEPT_LOOKS);
    const { usable, problems, restarted } = judgeSignals(looks);
    for (const name of ['metrics-impossible', 'metrics-lie', 'metrics-lines-broken']) {
      const found = problems.find(({ problem }) => problem === name);
      if (found === undefined) degradations.settle(name, endpoint);
      else degradations.raise(name, endpoint, found.detail);
    }
    const other = signals.models.filter((name) => !options.models.includes(name));
    if (options.models.length > 0 && other.length > 0 && other.length === signals.models.length)
      degradations.raise('model-changed', endpoint, `its metrics are of ${other.join(', ')}`);
    else degradations.settle('model-changed', endpoint);
    if (restarted) {
      looks = [look];
      options.onRestart();
    }
    believed = usable ? look : undefined;
  };

  const look = async (): Promise<void> => {
    try {
      const text = (
        await options.client.ask({ url: options.url, timeoutMs: Math.max(1000, options.everyMs), maxBytes: MAX_BYTES, signal: stop.signal })
      ).toString();
      const signals = readSignals(text);
      degradations.settle('metrics-unreachable', endpoint);
      if (signals === undefined) {
        degradations.raise('metrics-unknown-dialect', endpoint, `${options.url} names no queue of an engine that is known`);
        return;
      }
      degradations.settle('metrics-unknown-dialect', endpoint);
      take(signals);
    } catch (error) {
      if (!stop.signal.aborted && isPlatformError(error)) degradations.raise('metrics-unreachable', endpoint, error.message);
    }
  };

  const timer: Repetition = repeat(clock, options.everyMs, look);
  return {
    look,
    read: () => {
      const ageMs = clock.monotonicMs() - newestMs;
      const stale = ageMs > options.everyMs * STALE_LOOKS;
      // Read at every decision, so the list is only touched when something changes.
      if (stale !== wasStale && Number.isFinite(newestMs)) {
        wasStale = stale;
        if (stale) degradations.raise('metrics-stale', endpoint, `the newest report is ${Math.round(ageMs)} ms old`);
        else degradations.settle('metrics-stale', endpoint);
      }
      const last = looks.at(-1)?.signals;
      return { signals: stale ? undefined : believed?.signals, ageMs, stale, kvTokens: last?.kvTokens, blocks: last?.blocks, blockSize: last?.blockSize };
    },
    close: async () => {
      stop.abort(new DOMException('closed', 'AbortError'));
      await timer.stop();
    },
  };
}
