import type { KubeOptions } from '#cli';
import { connectKube, type Kube } from '#kube';
import { accessOf } from './operator.ts';

/** Connects the command line to a cluster. */
export const connect = (options: KubeOptions): Promise<Kube> => connectKube(accessOf(options));
