import type { RegisterCommand } from '../command.ts';

export const registerOperator: RegisterCommand = (program, { ports }) => {
  program
    .command('operator')
    .description('reconcile resources on a Kubernetes cluster')
    .option('--namespace <name>', 'namespace to watch (default: all)')
    .option('--kubeconfig <file>', 'kubeconfig to use (default: the usual places, or the cluster it runs in)')
    .option('--context <name>', 'context of the kubeconfig')
    .action((flags: { namespace?: string; kubeconfig?: string; context?: string }) =>
      ports.operator({ namespace: flags.namespace, kubeconfig: flags.kubeconfig, context: flags.context }),
    );
};
