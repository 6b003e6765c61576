import type { Engine, EngineLoad } from '#engines';
import type { EndpointLoads } from './messages.ts';

/** Loads of endpoints that several processes use. */
export interface SharedLoads {
  /** The engine with the load of others beside its own. One that lives in this process is nobody else's, and stays as it is. */
  watch(engine: Engine): Engine;
  /** What this process has running. */
  own(): EndpointLoads;
  /** The load of one engine without that of others. */
  ownOf(engine: Engine): EngineLoad;
  /** What all others have running. */
  setOthers(loads: EndpointLoads): void;
}

const IN_PROCESS = new Set(['twin', 'reader']);

export function createSharedLoads(): SharedLoads {
  const engines = new Map<string, Engine>();
  let others: EndpointLoads = {};
  return {
    watch(engine) {
      if (IN_PROCESS.has(engine.provider)) return engine;
      engines.set(engine.endpoint, engine);
      const load = (): EngineLoad => {
        const own = engine.load();
        const more = others[engine.endpoint];
        return more === undefined ? own : { ...own, running: own.running + more[0], waiting: own.waiting + more[1] };
      };
      const close = (): Promise<void> => {
        // A changed Model has made another engine of this name before.
        if (engines.get(engine.endpoint) === engine) engines.delete(engine.endpoint);
        return engine.close();
      };
      return { ...engine, load, close };
    },
    own() {
      const loads: Record<string, readonly [number, number]> = {};
      for (const [endpoint, engine] of engines) {
        const { running, waiting } = engine.load();
        if (running > 0 || waiting > 0) loads[endpoint] = [running, waiting];
      }
      return loads;
    },
    ownOf: (engine) => (engines.get(engine.endpoint) ?? engine).load(),
    setOthers: (loads) => {
      others = loads;
    },
  };
}

/** The sum of several loads. */
export function sumLoads(all: readonly EndpointLoads[]): EndpointLoads {
  const sum: Record<string, readonly [number, number]> = {};
  for (const loads of all)
    for (const [endpoint, [running, waiting]] of Object.entries(loads)) {
      const [before, behind] = sum[endpoint] ?? [0, 0];
      sum[endpoint] = [before + running, behind + waiting];
    }
  return sum;
}
