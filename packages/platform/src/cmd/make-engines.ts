import { PlatformError } from '@maru/api/errors';
import type { Model, SecretRef } from '@maru/api/resources';
import { cloudEnvironment, runsInCluster } from '#config';
import { createEngines, createReaderEmbedEngine, createReaderEngine, createTwinEngine, type Engine } from '#engines';
import type { Clock, Ids } from '#time';
import { type EndpointFleets, endpointName } from './endpoint-fleets.ts';

export interface MakeEnginesOptions {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly resolveSecret: (ref: SecretRef) => string | undefined;
  readonly fleets: () => EndpointFleets;
}

/** Engines of a Model in this process. A reader that embeds is another engine than one that answers. */
export const makeEngines =
  ({ clock, ids, resolveSecret, fleets }: MakeEnginesOptions) =>
  (model: Model): readonly Engine[] =>
    createEngines(model, {
      clock,
      environment: cloudEnvironment(),
      resolveSecret: (ref) => {
        const secret = resolveSecret(ref);
        if (secret === undefined)
          throw new PlatformError('config_invalid', {
            message: `the secret ${'env' in ref ? ref.env : `${ref.secret}/${ref.key}`} of the Model "${model.metadata.name}" is not set`,
          });
        return secret;
      },
      endpointsOf: ({ metadata: { name } }) =>
        (fleets().fleetOf(name)?.usable() ?? []).map((found) => ({ endpoint: endpointName(name, found.name), baseUrl: `${found.url}/v1`, role: found.role })),
      standIns: !runsInCluster(),
      createTwin: ({ index, endpoint, role }) => createTwinEngine({ model, replica: index, endpoint, role, clock, ids }),
      createReader: ({ endpoint }) => {
        const name = model.metadata.name;
        const { servedName = name, answer } = model.spec.serving ?? {};
        return model.spec.capabilities.includes('embeddings')
          ? createReaderEmbedEngine({ model: name, endpoint, servedName })
          : createReaderEngine({ model: name, endpoint, servedName, clock, ids, ...(answer === undefined ? {} : { answer }) });
      },
    });
