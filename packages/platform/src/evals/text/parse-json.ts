import { PlatformError } from '@maru/api/errors';

/** JSON that this room has stored. Throws `data_corrupt` when it is not JSON any more. */
export function parseJson(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch (cause) {
    throw new PlatformError('data_corrupt', { message: 'a stored evaluation is not valid JSON; delete its run', cause });
  }
}
