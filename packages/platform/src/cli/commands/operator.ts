import type { RegisterCommand } from '../command.ts';

interface Flags {
  readonly namespace?: string;
  readonly leaseNamespace: string;
  readonly clusterName?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
}

export const registerOperator: RegisterCommand = (program, { ports }) => {
  program
    .command('operator', { hidden: true })
    .description('reconcile resources on a Kubernetes cluster')
    .option('--namespace <name>', 'only resources of this namespace (default: all)')
    .option('--lease-namespace <name>', 'namespace of the leader lease', 'maru')
    .option('--cluster-name <name>', 'name of the cluster in roles and discovery tags')
    .option('--kubeconfig <file>', 'kubeconfig to use (default: the usual places, or the cluster it runs in)')
    .option('--context <name>', 'context of the kubeconfig')
    .action((flags: Flags) => ports.operator(flags));
};
