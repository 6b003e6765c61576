import { readFile } from 'node:fs/promises';
import { PlatformError } from '@maru/api/errors';
import type { Credentials } from './credentials.ts';
import { openDispatcher } from './open-dispatcher.ts';

export interface TokenAccess {
  readonly server: string;
  readonly token: string;
  /** The certificate authority, in PEM or base64 of PEM; the system's authorities where left out. */
  readonly caData?: string;
  /** Only for a server on this machine: its certificate is not checked. */
  readonly insecureSkipTlsVerify?: boolean;
}

/** A fixed bearer token. */
export function createTokenCredentials(access: TokenAccess): Credentials {
  const headers = { authorization: `Bearer ${access.token}` };
  return {
    server: access.server.replace(/\/+$/, ''),
    headers: () => Promise.resolve(headers),
    dispatcher: openDispatcher({
      type: 'agent',
      connect: { ...(access.caData === undefined ? {} : { ca: toPem(access.caData) }), rejectUnauthorized: access.insecureSkipTlsVerify !== true },
    }),
  };
}

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The service account of the pod that this process runs in; the kubelet rotates its token, so the file is read anew each time. */
export async function createInClusterCredentials(folder = SERVICE_ACCOUNT): Promise<Credentials> {
  let ca: string;
  try {
    ca = await readFile(`${folder}/ca.crt`, 'utf8');
  } catch (cause) {
    throw new PlatformError('config_invalid', {
      message: `this process does not run in a Kubernetes pod: ${folder}/ca.crt can not be read; give a kubeconfig`,
      cause,
    });
  }
  return {
    server: 'https://kubernetes.default.svc',
    headers: async () => ({ authorization: `Bearer ${(await readFile(`${folder}/token`, 'utf8')).trim()}` }),
    dispatcher: openDispatcher({ type: 'agent', connect: { ca } }),
  };
}

const toPem = (data: string): string => (data.includes('-----BEGIN') ? data : Buffer.from(data, 'base64').toString('utf8'));
