import { PlatformError } from '@maru/api/errors';

const SECRET = /key$|key_id$|secret|token$|password|credentials$/;

/** No secret is ever kept: throws `invalid_request` for one that is not a reference. */
export function refuseSecrets(values: Readonly<Record<string, unknown>>, where: string): void {
  for (const [name, value] of Object.entries(values))
    if (SECRET.test(name) && !(typeof value === 'string' && value.startsWith('os.environ/')) && value !== null && value !== undefined)
      throw new PlatformError('invalid_request', {
        message: `${where}.${name}: a secret is given by reference, as os.environ/NAME`,
        details: { param: `${where}.${name}` },
      });
}
