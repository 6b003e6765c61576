import type { Cloud } from '../credentials/cloud.ts';
import type { Expiring } from '../credentials/refreshing.ts';
import type { AwsKeys } from './sign-v4.ts';

/** Keys of AWS, most of which live for a while only. */
export interface AwsCredentials extends AwsKeys, Expiring {}

/** What a source of AWS credentials is given. */
export interface AwsAsking {
  readonly cloud: Cloud;
  readonly region: string;
  readonly signal: AbortSignal;
}
