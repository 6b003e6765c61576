import type { Command as Commander } from 'commander';
import type { KubeOptions } from '../ports.ts';

/** Flags of a command that works on a cluster where `--kube` is given. */
export interface ClusterFlags extends KubeOptions {
  readonly kube: boolean;
  readonly namespace: string;
  readonly dynamoVersion: string;
}

export const withCluster = (command: Commander): Commander =>
  command
    .option('--kube', 'on a Kubernetes cluster instead of a running platform', false)
    .option('--namespace <name>', 'namespace of the objects', 'maru')
    .option('--kubeconfig <file>', 'kubeconfig to use (default: the usual places, or the cluster it runs in)')
    .option('--context <name>', 'context of the kubeconfig')
    .option('--dynamo-version <version>', 'of DynamoGraphDeployments: v1beta1 or v1alpha1', 'v1beta1');
