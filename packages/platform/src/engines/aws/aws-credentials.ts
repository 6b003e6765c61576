import { PlatformError } from '@maru/api/errors';
import type { Cloud } from '../credentials/cloud.ts';
import { createRefreshing, type Refreshing } from '../credentials/refreshing.ts';
import { assumeRole, assumeRoleWithWebIdentity } from './assume-role.ts';
import type { AwsAsking, AwsCredentials } from './aws-asking.ts';
import { fromContainer, fromInstance } from './metadata-credentials.ts';
import { fromProfile } from './profile-credentials.ts';
import type { AwsKeys } from './sign-v4.ts';

export interface AwsCredentialOptions {
  readonly region: string;
  /** Given by the resource; they win over everything else. */
  readonly keys?: AwsKeys | undefined;
  readonly profile?: string | undefined;
  /** A role to take on with what was found. */
  readonly roleArn?: string | undefined;
  readonly externalId?: string | undefined;
}

/**
 * Credentials of AWS, asked for in the order of the SDKs: the resource's keys, its profile, the environment, a web identity (IRSA), the
 * shared files, the container (ECS, EKS Pod Identity), the instance. Throws `upstream_credentials` when there are none.
 */
export function createAwsCredentials(options: AwsCredentialOptions, cloud: Cloud): Refreshing<AwsCredentials> {
  return createRefreshing({
    clock: cloud.clock,
    async fetch(signal) {
      const asking: AwsAsking = { cloud, region: options.region, signal };
      const found = await find(options, asking);
      if (found === undefined) {
        throw new PlatformError('upstream_credentials', {
          message: 'no credentials of AWS were found; set spec.provider.aws, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or run with a role',
        });
      }
      return options.roleArn === undefined ? found : assumeRole({ keys: found, roleArn: options.roleArn, externalId: options.externalId }, asking);
    },
  });
}

async function find(options: AwsCredentialOptions, asking: AwsAsking): Promise<AwsCredentials | undefined> {
  const { environment } = asking.cloud;
  if (options.keys !== undefined) return options.keys;
  if (options.profile !== undefined) return fromProfile(options.profile, asking);
  const accessKeyId = environment['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = environment['AWS_SECRET_ACCESS_KEY'];
  if (accessKeyId !== undefined && secretAccessKey !== undefined) return { accessKeyId, secretAccessKey, sessionToken: environment['AWS_SESSION_TOKEN'] };
  const tokenFile = environment['AWS_WEB_IDENTITY_TOKEN_FILE'];
  const roleArn = environment['AWS_ROLE_ARN'];
  if (tokenFile !== undefined && roleArn !== undefined) return assumeRoleWithWebIdentity({ tokenFile, roleArn }, asking);
  const shared = await fromProfile(environment['AWS_PROFILE'], asking);
  return shared ?? (await fromContainer(asking)) ?? (await fromInstance(asking));
}
