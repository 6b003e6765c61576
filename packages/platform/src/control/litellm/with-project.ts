import { PlatformError } from '@maru/api/errors';
import type { UpdateKeyRequest } from '#ledger';
import type { LitellmPorts } from './ports.ts';

/**
 * Settings of a key of a project: the project pays, and the team above it with it. A project that has gone since the key was made pays no more.
 * Throws `not_found` for a project that is `named` now and not there, `invalid_request` for one of another team.
 */
export async function withProject(
  ledger: LitellmPorts['ledger'],
  said: { readonly project_id?: unknown; readonly team_id?: unknown; readonly named: boolean },
  settings: UpdateKeyRequest,
): Promise<UpdateKeyRequest> {
  const { project_id: name, team_id: team, named } = said;
  if (typeof name !== 'string') return settings;
  const project = await ledger.getAccount('project', name);
  if (!named && (project === undefined || (typeof team === 'string' && project.spec.parent !== team))) return settings;
  if (project === undefined) throw new PlatformError('not_found', { message: `there is no project "${name.slice(0, 100)}"` });
  if (typeof team === 'string' && project.spec.parent !== team)
    throw new PlatformError('invalid_request', { message: `the project "${name}" is not of the team "${team}"`, details: { param: 'project_id' } });
  return { ...settings, tenant: project.name };
}
