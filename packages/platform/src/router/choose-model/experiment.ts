import type { Experiment } from '@maru/api/resources';
import { hashText } from '../prompt/block-hashes.ts';
import type { RouteFacts } from './route-facts.ts';
import { takeByWeight } from './weighted.ts';

export type Variant = Experiment['spec']['variants'][number];

/** The variant of an experiment: the same one for the same session or user, on every router and after a restart. */
export function chooseVariant(experiment: Experiment, facts: RouteFacts): Variant | undefined {
  const unit = experiment.spec.unit;
  const key = unit === 'session' ? (facts.session ?? facts.user) : unit === 'user' ? facts.user : undefined;
  const share = hashText(`${experiment.metadata.name}/${key ?? facts.requestId}`) / 0x1_0000_0000;
  return takeByWeight(experiment.spec.variants, share);
}
