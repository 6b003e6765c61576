import type { Model } from '@maru/api/resources';
import type { Engine } from '#engines';
import type { Log } from '#telemetry';

/** The engines of every Model that is in force. */
export interface EnginePool {
  /** Makes engines for new and changed Models and closes those of removed ones. A Model that can not be served is reported and has no engine. */
  sync(models: readonly Model[]): void;
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
  readonly log: Log;
}

interface Entry {
  readonly spec: string;
  readonly engines: readonly Engine[];
  readonly problem: string | undefined;
}

export function createEnginePool({ makeEngines, onGone, log }: EnginePoolOptions): EnginePool {
  const entries = new Map<string, Entry>();
  const closing = new Set<Promise<unknown>>();

  const retire = (engines: readonly Engine[]): void => {
    for (const engine of engines) {
      onGone(engine.endpoint);
      const done = engine
        .close()
        .catch((error: unknown) => log.warn({ endpoint: engine.endpoint, error: (error as Error).message }, 'engine did not close in order'))
        .finally(() => closing.delete(done));
      closing.add(done);
    }
  };

  const make = (model: Model, spec: string): Entry => {
    try {
      return { spec, engines: makeEngines(model), problem: undefined };
    } catch (error) {
      log.error({ model: model.metadata.name, error: (error as Error).message }, 'model can not be served');
      return { spec, engines: [], problem: (error as Error).message };
    }
  };

  return {
    sync(models) {
      const wanted = new Map(models.map((model) => [model.metadata.name, model]));
      for (const [name, entry] of entries) {
        const model = wanted.get(name);
        if (model !== undefined && JSON.stringify(model.spec) === entry.spec) continue;
        entries.delete(name);
        retire(entry.engines);
      }
      for (const [name, model] of wanted) if (!entries.has(name)) entries.set(name, make(model, JSON.stringify(model.spec)));
    },
    enginesOf: (model) => entries.get(model)?.engines ?? [],
    problemOf: (model) => entries.get(model)?.problem,
    all: () => [...entries.values()].flatMap((entry) => entry.engines),
    close: async () => {
      for (const entry of entries.values()) retire(entry.engines);
      entries.clear();
      await Promise.allSettled([...closing]);
    },
  };
}
