import { PlatformError } from '@maru/api/errors';
import { nanoToUsd, ZERO_USAGE } from '@maru/api/records';
import { z } from 'zod';
import type { ControlPrincipal } from '../ports.ts';
import { type ControlRoute, route } from '../route.ts';
import { changeModels } from './change-models.ts';
import { type Deployment, listDeployments, OPENAI_PARAMS, type PriceOf, toLitellmModel, toModelGroup } from './deployment-shape.ts';
import type { LitellmPorts } from './ports.ts';

const newModel = z.looseObject({
  model_name: z.string().min(1).max(256),
  litellm_params: z.looseObject({ model: z.string().min(1) }),
  model_info: z.looseObject({}).nullish(),
});

/** `/model/*`, `/v1/model/info` and `/model_group/info`. */
export function modelRoutes(ports: LitellmPorts): readonly ControlRoute[] {
  const models = changeModels(ports);
  const priceOf: PriceOf = (model, bucket) => {
    const costNanoUsd = ports.costNanoUsd(model, { ...ZERO_USAGE, [bucket]: 1_000_000 });
    return costNanoUsd === null ? null : nanoToUsd(costNanoUsd) / 1e6;
  };
  /** A key sees the models that it may use. */
  const visibleTo = async ({ role, keyId }: ControlPrincipal): Promise<(deployment: Deployment) => boolean> => {
    if (role === 'admin') return () => true;
    const principal = await ports.ledger.principalOf(keyId);
    return ({ group }) => principal !== undefined && ports.ledger.allowsModel(principal, group);
  };
  const shown = (filter: (deployment: Deployment) => boolean): readonly Record<string, unknown>[] =>
    listDeployments(ports.registry)
      .filter(filter)
      .map((deployment) => toLitellmModel(deployment, priceOf));
  const info = (path: string): ControlRoute =>
    route({
      method: 'GET',
      path,
      summary: 'LiteLLM: deployments with their facts, without secrets',
      access: 'key',
      query: z.looseObject({ litellm_model_id: z.string().optional() }),
      handle: async ({ query, principal }) => {
        const isVisible = await visibleTo(principal);
        const data = shown((deployment) => isVisible(deployment) && (query.litellm_model_id === undefined || deployment.id === query.litellm_model_id));
        if (query.litellm_model_id !== undefined && data.length === 0)
          throw new PlatformError('not_found', { message: `there is no model with the id "${query.litellm_model_id.slice(0, 100)}"` });
        return { json: { data } };
      },
    });

  return [
    info('/model/info'),
    info('/v1/model/info'),
    info('/v2/model/info'),
    route({
      method: 'GET',
      path: '/utils/supported_openai_params',
      summary: 'LiteLLM: parameters that a model takes',
      access: 'key',
      query: z.looseObject({ model: z.string().min(1) }),
      handle: ({ query }) => {
        if (!listDeployments(ports.registry).some(({ group, id }) => group === query.model || id === query.model))
          throw new PlatformError('not_found', { message: `there is no model "${query.model.slice(0, 100)}"` });
        return { json: { supported_openai_params: OPENAI_PARAMS } };
      },
    }),
    route({
      method: 'GET',
      path: '/model_group/info',
      summary: 'LiteLLM: public names with the facts of what stands behind them',
      access: 'key',
      query: z.looseObject({ model_group: z.string().optional() }),
      handle: async ({ query, principal }) => {
        const groups = Map.groupBy(listDeployments(ports.registry).filter(await visibleTo(principal)), (deployment) => deployment.group);
        const data = [...groups]
          .filter(([group]) => query.model_group === undefined || group === query.model_group)
          .map(([group, list]) => toModelGroup(group, list, priceOf));
        return { json: { data } };
      },
    }),
    route({
      method: 'POST',
      path: '/model/new',
      summary: 'LiteLLM: add a deployment; its key by reference, as os.environ/NAME',
      body: newModel,
      handle: async ({ body }) => {
        const id = await models.add(body);
        const [made] = shown((deployment) => deployment.id === id);
        return { json: { model_id: id, ...made } };
      },
    }),
    ...(['POST', 'PATCH'] as const).map((method) =>
      route({
        method,
        path: method === 'POST' ? '/model/update' : '/model/:id/update',
        summary: 'LiteLLM: change a deployment; what is left out stays',
        body: z.looseObject({
          model_name: z.string().min(1).max(256).nullish(),
          litellm_params: z.looseObject({}).nullish(),
          model_info: z.looseObject({ id: z.string().optional() }).nullish(),
        }),
        handle: async ({ body, params }) => {
          const id = params['id'] ?? body.model_info?.id;
          if (id === undefined) throw new PlatformError('invalid_request', { message: 'model_info.id is missing', details: { param: 'model_info.id' } });
          await models.update(id, body);
          return { json: shown((deployment) => deployment.id === id)[0] ?? {} };
        },
      }),
    ),
    route({
      method: 'POST',
      path: '/model/delete',
      summary: 'LiteLLM: take a deployment away',
      body: z.looseObject({ id: z.string().min(1) }),
      handle: async ({ body }) => {
        await models.remove(body.id);
        return { json: { message: `Model: ${body.id} deleted successfully` } };
      },
    }),
  ];
}
