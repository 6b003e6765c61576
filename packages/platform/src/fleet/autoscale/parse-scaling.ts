import { PlatformError } from '@maru/api/errors';
import { PREDICTORS, type PredictorName, SCALING_POLICIES, type ScalingName, type ScalingSpec } from './scaling-spec.ts';

const LOOPS = ['throughput', 'load', 'both'] as const;

/**
 * Reads a way to scale as people write it: a name, and for the planner a predictor, a loop, or both, as in
 * `dynamo-planner:kalman:throughput`. Throws `config_invalid` for another text.
 */
export function parseScaling(text: string): ScalingSpec {
  const [name = '', ...words] = text.split(':');
  const policy = SCALING_POLICIES.find((each): each is ScalingName => each === name);
  const predictor = words.find((word): word is PredictorName => (PREDICTORS as readonly string[]).includes(word));
  const loops = LOOPS.find((each) => words.includes(each));
  const known = [predictor, loops].filter((word) => word !== undefined);
  if (policy === undefined || known.length !== words.length || (words.length > 0 && policy !== 'dynamo-planner')) {
    const planner = `dynamo-planner with one of ${PREDICTORS.join(', ')} and one of ${LOOPS.join(', ')}, as dynamo-planner:kalman:load`;
    throw new PlatformError('config_invalid', { message: `"${text}" is no way to scale; use ${SCALING_POLICIES.join(', ')}, or ${planner}` });
  }
  return { policy, ...(words.length === 0 ? {} : { planner: { predictor, loops } }) };
}
