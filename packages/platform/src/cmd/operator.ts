import type { OperatorOptions } from '#cli';
import { PlatformError } from '@maru/api/errors';

export async function runOperator(_options: OperatorOptions): Promise<void> {
  throw new PlatformError('not_supported', { message: 'soon' });
}
