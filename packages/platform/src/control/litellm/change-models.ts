import { PlatformError } from '@maru/api/errors';
import type { Model, Route } from '@maru/api/resources';
import { listCredentials } from './credential-routes.ts';
import { type Deployment, listDeployments, toLitellmModel } from './deployment-shape.ts';
import type { LitellmPorts } from './ports.ts';
import { refuseSecrets } from './refuse-secrets.ts';
import { toLoaded } from './to-loaded.ts';

interface ModelEntry {
  readonly model_name: string;
  readonly litellm_params: Readonly<Record<string, unknown>>;
  readonly model_info?: Readonly<Record<string, unknown>> | null | undefined;
}

/** Changes of deployments through the API: each is a Model and a backend of the Route of its name. */
export interface ModelChanges {
  /** Gives the id. Throws `invalid_request` for an entry that can not be served as it is, `conflict` for an id that is taken. */
  add(entry: ModelEntry): Promise<string>;
  /** Throws `not_found`. */
  update(id: string, change: Readonly<Record<string, unknown>>): Promise<void>;
  /** Throws `not_found`, or `conflict` while a fallback names it. */
  remove(id: string): Promise<void>;
}

export function changeModels({ ledger, registry, ids, importModel }: LitellmPorts): ModelChanges {
  const find = (id: string): Deployment => {
    const found = listDeployments(registry).find((deployment) => deployment.id === id);
    if (found === undefined) throw new PlatformError('not_found', { message: `there is no model with the id "${id.slice(0, 100)}"` });
    return found;
  };

  const read = async (entry: ModelEntry): Promise<{ model: Model; route: Route }> => {
    refuseSecrets(entry.litellm_params, 'litellm_params');
    const credential = entry.litellm_params['litellm_credential_name'];
    const credentials = typeof credential === 'string' ? (await listCredentials(ledger)).filter(({ name }) => name === credential) : [];
    const { resources, warnings, problems } = await importModel(entry, credentials);
    const model = resources.map(({ resource }) => resource).find((resource) => resource.kind === 'Model');
    const route = resources.map(({ resource }) => resource).find((resource) => resource.kind === 'Route');
    if (model === undefined || route === undefined)
      throw new PlatformError('invalid_request', {
        message: [...problems.map((problem) => problem.message), ...warnings].join('; ') || 'the deployment can not be served',
      });
    return { model, route };
  };

  const place = async (entry: ModelEntry, id: string): Promise<void> => {
    const made = await read({ ...entry, model_info: { ...entry.model_info, id } });
    const routes = registry.list('Route');
    const home =
      routes.find((route) => route.metadata.name === entry.model_name || route.spec.aliases.includes(entry.model_name)) ??
      registry.get('Route', made.route.metadata.name);
    const name = freeName(
      home?.metadata.name ?? made.route.metadata.name,
      (wanted) => registry.get('Model', wanted) !== undefined || registry.get('Route', wanted) !== undefined,
    );
    const model: Model = {
      ...made.model,
      metadata: { ...made.model.metadata, name, annotations: { ...made.model.metadata.annotations, 'litellm.ai/source': 'api' } },
    };
    const backends = made.route.spec.backends.map((backend) => ({ ...backend, model: name }));
    const route: Route =
      home === undefined
        ? { ...made.route, spec: { ...made.route.spec, backends } }
        : { ...home, spec: { ...home.spec, backends: [...home.spec.backends, ...backends] } };
    await registry.apply([toLoaded(model), toLoaded(route)]);
  };

  const remove = async (id: string): Promise<void> => {
    const { model, route } = find(id);
    if (route !== undefined) {
      const backends = route.spec.backends.filter((backend) => backend.model !== model.metadata.name);
      if (backends.length === 0) await registry.delete('Route', route.metadata.name);
      else await registry.apply([toLoaded({ ...route, spec: { ...route.spec, backends } })]);
    }
    await registry.delete('Model', model.metadata.name);
  };

  return {
    async add(entry) {
      const given = entry.model_info?.['id'];
      const id = typeof given === 'string' && given !== '' ? given : ids.next('model');
      if (listDeployments(registry).some((deployment) => deployment.id === id))
        throw new PlatformError('conflict', { message: `a model with the id "${id.slice(0, 100)}" exists already` });
      await place(entry, id);
      return id;
    },
    async update(id, change) {
      const before = find(id);
      const shown = toLitellmModel(before, () => null) as unknown as ModelEntry;
      const given = before.model.spec.provider?.apiKey;
      const entry: ModelEntry = {
        model_name: typeof change['model_name'] === 'string' ? change['model_name'] : before.group,
        litellm_params: {
          ...shown.litellm_params,
          ...(given !== undefined && 'env' in given ? { api_key: `os.environ/${given.env}` } : {}),
          ...(change['litellm_params'] as Record<string, unknown> | null | undefined),
        },
        model_info: { ...shown.model_info, ...(change['model_info'] as Record<string, unknown> | null | undefined) },
      };
      // The new form is checked before the old one goes.
      await read(entry);
      const { model, route } = before;
      const made = await read({ ...entry, model_info: { ...entry.model_info, id } });
      if (entry.model_name !== before.group || route === undefined) {
        await remove(id);
        await place(entry, id);
        return;
      }
      const backend = made.route.spec.backends[0];
      const backends = route.spec.backends.map((each) =>
        each.model === model.metadata.name && backend !== undefined ? { ...backend, model: each.model } : each,
      );
      await registry.apply([
        toLoaded({ ...made.model, metadata: { ...made.model.metadata, name: model.metadata.name } }),
        toLoaded({ ...route, spec: { ...route.spec, backends } }),
      ]);
    },
    remove,
  };
}

function freeName(base: string, isTaken: (name: string) => boolean): string {
  for (let count = 1; ; count += 1) {
    const name = `${base.slice(0, 56)}-${count}`;
    if (!isTaken(name)) return name;
  }
}
