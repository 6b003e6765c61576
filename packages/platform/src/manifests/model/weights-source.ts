import { PlatformError } from '@maru/api/errors';

/** Where an engine finds the weights. */
export interface WeightsSource {
  /** What the engine is given as its model. */
  readonly model: string;
  /** A claim to mount read-only, where the weights lie on a volume. */
  readonly claim: string | undefined;
  readonly scheme: 'hf' | 's3' | 'pvc';
}

export const CLAIM_MOUNT = '/models';

/** Reads `hf://org/name`, `s3://bucket/path` or `pvc://claim/path`. Throws `resource_invalid`. */
export function parseWeightsSource(source: string | undefined, model: string): WeightsSource {
  const match = /^(hf|s3|pvc):\/\/([^/]+)(?:\/(.*))?$/.exec(source ?? '');
  if (match === null) {
    throw new PlatformError('resource_invalid', {
      message: `Model/${model}: spec.serving.source must be hf://org/name, s3://bucket/path or pvc://claim/path to run on Kubernetes, not "${source ?? ''}"`,
      details: { path: 'spec.serving.source' },
    });
  }
  const [, scheme, first = '', rest = ''] = match;
  if (scheme === 'pvc') return { model: `${CLAIM_MOUNT}/${rest}`.replace(/\/+$/, ''), claim: first, scheme };
  if (scheme === 's3') return { model: `s3://${first}/${rest}`, claim: undefined, scheme };
  return { model: rest === '' ? first : `${first}/${rest}`, claim: undefined, scheme: 'hf' };
}
