import { refused } from '../credentials/read-token.ts';
import { assumeRole, assumeRoleWithWebIdentity } from './assume-role.ts';
import type { AwsAsking, AwsCredentials } from './aws-asking.ts';

type Profiles = ReadonlyMap<string, Readonly<Record<string, string>>>;

const MAX_DEPTH = 5;

/**
 * The credentials of a profile of the shared files: keys, or a role that builds on another profile or on a web identity. The profile
 * `default` may be missing; one that was asked for by name may not. Throws `upstream_credentials`.
 */
export async function fromProfile(name: string | undefined, asking: AwsAsking): Promise<AwsCredentials | undefined> {
  const { environment } = asking.cloud;
  const home = environment['HOME'] ?? environment['USERPROFILE'] ?? '';
  const secrets = await readProfiles(environment['AWS_SHARED_CREDENTIALS_FILE'] ?? `${home}/.aws/credentials`, asking);
  const settings = await readProfiles(environment['AWS_CONFIG_FILE'] ?? `${home}/.aws/config`, asking);
  const look = (profile: string): Readonly<Record<string, string>> | undefined => {
    const merged = { ...settings.get(profile), ...secrets.get(profile) };
    return Object.keys(merged).length === 0 ? undefined : merged;
  };
  if (name === undefined && look('default') === undefined) return undefined;
  return resolve(name ?? 'default', { asking, look, depth: 0, isDefault: name === undefined });
}

interface Resolving {
  readonly asking: AwsAsking;
  readonly look: (profile: string) => Readonly<Record<string, string>> | undefined;
  readonly depth: number;
  readonly isDefault: boolean;
}

async function resolve(name: string, options: Resolving): Promise<AwsCredentials | undefined> {
  const profile = options.look(name);
  const from = `the AWS profile "${name}"`;
  if (profile === undefined) throw refused(from, undefined, 'it stands in neither the shared credentials file nor the config file');
  if (options.depth > MAX_DEPTH) throw refused(from, undefined, 'its source profiles lead in a circle');
  const { aws_access_key_id: accessKeyId, aws_secret_access_key: secretAccessKey, role_arn: roleArn } = profile;
  const keys =
    accessKeyId === undefined || secretAccessKey === undefined ? undefined : { accessKeyId, secretAccessKey, sessionToken: profile['aws_session_token'] };
  if (roleArn === undefined) {
    if (keys !== undefined || options.isDefault) return keys;
    throw refused(from, undefined, 'it has no keys and no role; single sign-on and credential processes are not read');
  }
  const tokenFile = profile['web_identity_token_file'];
  if (tokenFile !== undefined) return assumeRoleWithWebIdentity({ tokenFile, roleArn }, options.asking);
  const source = profile['source_profile'];
  const base = source === undefined || source === name ? keys : await resolve(source, { ...options, depth: options.depth + 1, isDefault: false });
  if (base === undefined) throw refused(from, undefined, 'its role has no source_profile with keys');
  return assumeRole({ keys: base, roleArn, externalId: profile['external_id'] }, options.asking);
}

async function readProfiles(path: string, { cloud }: AwsAsking): Promise<Profiles> {
  const text = await cloud.readFile(path).catch(() => '');
  const profiles = new Map<string, Record<string, string>>();
  let current: Record<string, string> | undefined;
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.trim();
    const section = /^\[\s*(?:profile\s+)?"?([^\]"]+?)"?\s*\]/.exec(line)?.[1];
    if (section !== undefined) {
      current = profiles.get(section) ?? {};
      profiles.set(section, current);
      continue;
    }
    const at = line.indexOf('=');
    if (at > 0 && !/^[#;]/.test(line) && current !== undefined) current[line.slice(0, at).trim().toLowerCase()] = line.slice(at + 1).trim();
  }
  return profiles;
}
