import { PlatformError } from '@maru/api/errors';
import { readVariable } from '#config';
import { checkSet, loadFiles, problemsError } from '#resources';
import { collect, type RegisterCommand } from '../command.ts';

interface Flags {
  readonly file: string[];
  readonly namespace: string;
  readonly clusterName?: string;
  readonly autoscaler: string;
  readonly prometheus?: string;
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
    .action(async (flags: Flags) => {
      if (flags.file.length === 0) throw new PlatformError('usage', { message: 'name a file: maru render -f examples/quickstart' });
      if (flags.autoscaler !== 'keda' && flags.autoscaler !== 'hpa')
        throw new PlatformError('usage', { message: `--autoscaler must be keda or hpa, not "${flags.autoscaler}"` });
      // Every command shares one program: a static import would make each start of `maru up` load what renders.
      const { lintManifests, renderResources, toCommentedYaml } = await import('#manifests');
      const loaded = await loadFiles(flags.file, { environment: readVariable });
      const problems = [...loaded.problems, ...checkSet(loaded.resources)];
      if (problems.length > 0) throw problemsError(problems);
      const { objects, notes } = renderResources({
        resources: loaded.resources.map((entry) => entry.resource),
        options: { namespace: flags.namespace, clusterName: flags.clusterName, autoscaler: flags.autoscaler, prometheusUrl: flags.prometheus },
      });
      for (const note of notes) io.err(`note: ${note.origin}: ${note.message}\n`);
      for (const finding of lintManifests(objects.map((object) => object.manifest))) io.err(`warning: ${finding.object}: ${finding.message}\n`);
      io.out(toCommentedYaml(objects));
    });
};
