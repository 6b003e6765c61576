import { PlatformError } from '@maru/api/errors';
import { collect, type RegisterCommand } from '../command.ts';
import { loadResources } from '../load-resources.ts';

interface Flags {
  readonly file: string[];
  readonly namespace: string;
  readonly clusterName?: string;
  readonly autoscaler: string;
  readonly prometheus?: string;
  readonly dynamoVersion: string;
}

export const registerRender: RegisterCommand = (program, { io }) => {
  program
    .command('render')
    .description('print resources as Kubernetes objects')
    .option('-f, --file <path>', 'file or folder (repeat for more)', collect, [])
    .option('--namespace <name>', 'namespace of the objects', 'maru')
    .option('--cluster-name <name>', 'name of the cluster in roles and discovery tags')
    .option('--autoscaler <name>', 'keda or hpa', 'keda')
    .option('--prometheus <url>', 'where KEDA asks for metrics')
    .option('--dynamo-version <version>', 'of DynamoGraphDeployments: v1beta1 or v1alpha1', 'v1beta1')
    .action(async (flags: Flags) => {
      if (flags.file.length === 0) throw new PlatformError('usage', { message: 'name a file: maru render -f examples/quickstart' });
      if (flags.autoscaler !== 'keda' && flags.autoscaler !== 'hpa')
        throw new PlatformError('usage', { message: `--autoscaler must be keda or hpa, not "${flags.autoscaler}"` });
      // Every command shares one program: a static import would make each start of `maru up` load what renders.
      const { DYNAMO_VERSIONS, lintManifests, renderResources, toCommentedYaml } = await import('#manifests');
      const dynamoVersion = DYNAMO_VERSIONS.find((version) => version === flags.dynamoVersion);
      if (dynamoVersion === undefined)
        throw new PlatformError('usage', { message: `--dynamo-version must be ${DYNAMO_VERSIONS.join(' or ')}, not "${flags.dynamoVersion}"` });
      const { objects, notes } = renderResources({
        resources: await loadResources(flags.file),
        options: {
          namespace: flags.namespace,
          clusterName: flags.clusterName,
          autoscaler: flags.autoscaler,
          prometheusUrl: flags.prometheus,
          dynamoVersion,
        },
      });
      for (const note of notes) io.err(`note: ${note.origin}: ${note.message}\n`);
      for (const finding of lintManifests(objects.map((object) => object.manifest))) io.err(`warning: ${finding.object}: ${finding.message}\n`);
      io.out(toCommentedYaml(objects));
    });
};
