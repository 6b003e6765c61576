import { isPlatformError } from '@maru/api/errors';
import type { ClientFlags } from '#config';
import { refOf } from '#kube';
import { type ClusterFlags, withCluster } from '../cluster/cluster-flags.ts';
import { nameOf, renderFiles } from '../cluster/render-files.ts';
import { type CliContext, clientOf, collect, type RegisterCommand, withServer } from '../command.ts';
import { loadResources } from '../load-resources.ts';

type Flags = ClientFlags & ClusterFlags & { readonly file: string[] };

/** The label of everything that Maru makes. */
const MANAGED_BY = 'app.kubernetes.io/managed-by';

export const registerClean: RegisterCommand = (program, context) => {
  withServer(
    withCluster(
      program.command('clean').description('remove what deploy has made of files').option('-f, --file <path>', 'file or folder (repeat for more)', collect, []),
    ),
  ).action((flags: Flags) => (flags.kube ? cleanCluster(flags, context) : cleanPlatform(flags, context)));
};

/** In the reverse order, so that what uses a thing goes before the thing; what is gone already is no error. */
async function cleanPlatform(flags: Flags, { io }: CliContext): Promise<void> {
  for (const { kind, metadata } of [...(await loadResources(flags.file))].reverse()) {
    const key = `${kind}/${metadata.name}`;
    const isThere = await clientOf(flags)
      .call({ method: 'DELETE', path: `/api/v1/resources/${kind}/${encodeURIComponent(metadata.name)}`, signal: io.signal })
      .then(
        () => true,
        (error: unknown) => {
          if (isPlatformError(error, 'not_found')) return false;
          throw error;
        },
      );
    io.out(`${key} ${isThere ? 'deleted' : 'is not there'}\n`);
  }
}

async function cleanCluster(flags: Flags, { io, ports }: CliContext): Promise<void> {
  const objects = [...(await renderFiles(flags.file, flags))].reverse();
  const kube = await ports.kube(flags);
  try {
    for (const object of objects) {
      const found = await kube.get(refOf(object), { signal: io.signal });
      const isOurs = found?.metadata.labels?.[MANAGED_BY] === 'maru';
      if (found !== undefined && isOurs)
        await kube.delete(refOf(object), { signal: io.signal, ...(found.metadata.uid === undefined ? {} : { uid: found.metadata.uid }) });
      io.out(`${nameOf(object)} ${found === undefined ? 'is not there' : isOurs ? 'deleted' : 'was not made by Maru and stays'}\n`);
    }
  } finally {
    await kube.close();
  }
}
