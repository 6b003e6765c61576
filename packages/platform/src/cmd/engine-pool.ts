import type { Model } from '@maru/api/resources';
import type { Engine } from '#engines';
import type { Log } from '#telemetry';
import type { Clock, Timer } from '#time';

/** The engines of every Model that is in force. */
export interface EnginePool {
  /** Makes engines for new and changed Models; those of removed ones answer what they have begun, and close then. A Model that can not be served is reported and has no engine. */
  sync(models: readonly Model[]): void;
  /** Makes the engines of a Model again, because other endpoints are there; engines whose endpoint stays are kept. */
  renew(model: string): void;
  enginesOf(model: string): readonly Engine[];
  /** Why a Model has no engine; undefined when it has. */
  problemOf(model: string): string | undefined;
  all(): readonly Engine[];
  close(): Promise<void>;
}

export interface EnginePoolOptions {
  readonly makeEngines: (model: Model) => readonly Engine[];
  /** Told about endpoints that are gone for good. */
  readonly onGone: (endpoint: string) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** A request that has just been given an engine may still be on its way to it. */
const GRACE_MS = 1000;
const CHECK_MS = 500;
/** The longest that an engine is kept for answers that do not end. */
const LONGEST_MS = 15 * 60_000;

interface Entry {
  readonly model: Model;
  readonly spec: string;
  readonly engines: readonly Engine[];
  readonly problem: string | undefined;
}

export function createEnginePool({ makeEngines, onGone, clock, log }: EnginePoolOptions): EnginePool {
  const entries = new Map<string, Entry>();
  const closing = new Set<Promise<unknown>>();

  const retired = new Map<Engine, Timer>();

  const shut = (engine: Engine): void => {
    retired.get(engine)?.cancel();
    retired.delete(engine);
    const done = engine
      .close()
      .catch((error: unknown) => log.warn({ endpoint: engine.endpoint, error: (error as Error).message }, 'engine did not close in order'))
      .finally(() => closing.delete(done));
    closing.add(done);
  };
  const retire = (engine: Engine): void => {
    onGone(engine.endpoint);
    const lastMs = clock.monotonicMs() + LONGEST_MS;
    const check = (): void => {
      const { running, waiting } = engine.load();
      if ((running ?? 0) + (waiting ?? 0) === 0 || clock.monotonicMs() >= lastMs) shut(engine);
      else retired.set(engine, clock.schedule(CHECK_MS, check));
    };
    retired.set(engine, clock.schedule(GRACE_MS, check));
  };

  const make = (model: Model, spec: string): Entry => {
    try {
      return { model, spec, engines: makeEngines(model), problem: undefined };
    } catch (error) {
      log.error({ model: model.metadata.name, error: (error as Error).message }, 'model can not be served');
      return { model, spec, engines: [], problem: (error as Error).message };
    }
  };

  return {
    sync(models) {
      const wanted = new Map(models.map((model) => [model.metadata.name, model]));
      for (const [name, entry] of entries) {
        const model = wanted.get(name);
        if (model !== undefined && JSON.stringify(model.spec) === entry.spec) continue;
        entries.delete(name);
        entry.engines.forEach(retire);
      }
      for (const [name, model] of wanted) if (!entries.has(name)) entries.set(name, make(model, JSON.stringify(model.spec)));
    },
    renew(name) {
      const before = entries.get(name);
      if (before === undefined) return;
      const made = make(before.model, before.spec);
      const engines = made.engines.map((engine) => before.engines.find(({ endpoint }) => endpoint === engine.endpoint) ?? engine);
      entries.set(name, { ...made, engines });
      before.engines.filter((engine) => !engines.includes(engine)).forEach(retire);
      for (const engine of made.engines) if (!engines.includes(engine)) void engine.close().catch(() => undefined);
    },
    enginesOf: (model) => entries.get(model)?.engines ?? [],
    problemOf: (model) => entries.get(model)?.problem,
    all: () => [...entries.values()].flatMap((entry) => entry.engines),
    close: async () => {
      for (const engine of [...retired.keys(), ...[...entries.values()].flatMap((entry) => entry.engines)]) shut(engine);
      entries.clear();
      await Promise.allSettled([...closing]);
    },
  };
}
