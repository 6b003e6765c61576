import type { Model } from '@maru/api/resources';

type Mode = NonNullable<NonNullable<Model['spec']['serving']>['dynamo']>['router']['mode'];

const BY_MODE: Readonly<Record<Mode, string>> = {
  kv: 'dynamo-cost',
  'round-robin': 'round-robin',
  random: 'random',
  'least-loaded': 'least-request',
};

/** The policy among the replicas of a Model where its route names none: that of the router which its graph would have on a cluster. */
export function policyOfModel(model: Model | undefined): string {
  const mode = model?.spec.serving?.dynamo?.router.mode;
  return mode === undefined ? 'maru' : BY_MODE[mode];
}
