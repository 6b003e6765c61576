import { modelKind } from '@maru/api/resources';
import { createTwinEngine, createTwinServer, type TwinServer } from '#engines';
import { createSeededIds, createSystemClock } from '#time';

/** A simulated engine on a free port of this machine, much faster than a real one. */
export async function startTwin(maxModelLen = 16_384): Promise<TwinServer> {
  const model = modelKind.schema.parse({
    apiVersion: 'maru.dev/v1alpha1',
    kind: 'Model',
    metadata: { name: 'sim' },
    spec: { serving: { engine: 'twin', twin: { speed: 2000 }, maxModelLen } },
  });
  return createTwinServer({ engine: createTwinEngine({ model, replica: 0, clock: createSystemClock(), ids: createSeededIds() }), port: 0 });
}
