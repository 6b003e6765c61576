import type { Entry } from './entry.ts';
import type { Notices } from './notices.ts';

/** The text that a deployment answers with, without a provider: `mock_response`. Undefined where there is none. */
export function mockAnswer(entry: Entry, notices: Notices): string | undefined {
  const value = entry.params['mock_response'];
  if (value === undefined || value === null) return undefined;
  const path = [...entry.path, 'litellm_params', 'mock_response'];
  if (typeof value !== 'string' || value === '' || entry.info['mode'] === 'embedding') {
    notices.warn(path, 'only the text of a chat answer can be given; the provider is asked');
    return undefined;
  }
  if (/^litellm\.\w+Error$/.test(value)) notices.warn(path, `errors are not imitated; "${value}" is the text of the answer`);
  return value;
}
