import { PlatformError } from '@maru/api/errors';
import { z } from 'zod';
import type { Account } from '#ledger';
import { type ControlRoute, route } from '../route.ts';
import { keptFields } from './kept-fields.ts';
import type { LitellmPorts } from './ports.ts';
import { refuseSecrets } from './refuse-secrets.ts';

const credentialName = z.string().min(1).max(200);
const fields = z.record(z.string().max(128), z.unknown());
const PREFIX = 'litellm-credential/';

/** A credential by its name: values that models refer to by `litellm_credential_name`. */
export interface Credential {
  readonly name: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly info: Readonly<Record<string, unknown>>;
}

/** Credentials that were written through the API; their secrets are references. */
export async function listCredentials(ledger: LitellmPorts['ledger']): Promise<readonly Credential[]> {
  const accounts = await ledger.listAccounts({ level: 'project' });
  return accounts.filter((account) => account.name.startsWith(PREFIX)).map(toCredential);
}

function toCredential({ name, metadata }: Account): Credential {
  const { values, info } = keptFields(metadata);
  return { name: name.slice(PREFIX.length), values: fields.catch({}).parse(values), info: fields.catch({}).parse(info) };
}

/** `/credentials/*`: named values for `litellm_params`; secrets by reference only, because none is ever kept. */
export function credentialRoutes({ ledger }: LitellmPorts): readonly ControlRoute[] {
  const find = async (name: string): Promise<Credential> => {
    const account = await ledger.getAccount('project', PREFIX + name);
    if (account === undefined) throw new PlatformError('not_found', { message: `there is no credential "${name.slice(0, 100)}"` });
    return toCredential(account);
  };
  const put = async ({ name, values, info }: Credential): Promise<void> => {
    refuseSecrets(values, 'credential_values');
    await ledger.putAccount({ level: 'project', name: PREFIX + name, metadata: { litellm: { values, info } } });
  };
  const show = ({ name, values, info }: Credential) => ({ credential_name: name, credential_values: values, credential_info: info });

  return [
    route({
      method: 'POST',
      path: '/credentials',
      summary: 'LiteLLM: keep a credential; its secrets by reference, as os.environ/NAME',
      body: z.looseObject({ credential_name: credentialName, credential_values: fields, credential_info: fields.default({}) }),
      handle: async ({ body }) => {
        await put({ name: body.credential_name, values: body.credential_values, info: body.credential_info });
        return { json: { success: true, message: 'Credential created successfully' } };
      },
    }),
    route({
      method: 'GET',
      path: '/credentials',
      summary: 'LiteLLM: list credentials',
      handle: async () => ({ json: { success: true, credentials: (await listCredentials(ledger)).map(show) } }),
    }),
    route({
      method: 'GET',
      path: '/credentials/by_name/:name',
      summary: 'LiteLLM: read a credential',
      handle: async ({ params }) => ({ json: show(await find(params['name'] ?? '')) }),
    }),
    route({
      method: 'PATCH',
      path: '/credentials/:name',
      summary: 'LiteLLM: change a credential; models that use it keep what they have until they are changed',
      body: z.looseObject({ credential_values: fields.nullish(), credential_info: fields.nullish() }),
      handle: async ({ params, body }) => {
        const before = await find(params['name'] ?? '');
        await put({ ...before, values: { ...before.values, ...body.credential_values }, info: { ...before.info, ...body.credential_info } });
        return { json: { success: true, message: 'Credential updated successfully' } };
      },
    }),
    route({
      method: 'DELETE',
      path: '/credentials/:name',
      summary: 'LiteLLM: delete a credential',
      handle: async ({ params }) => {
        const { name } = await find(params['name'] ?? '');
        await ledger.removeAccount('project', PREFIX + name);
        return { json: { success: true, message: 'Credential deleted successfully' } };
      },
    }),
  ];
}
