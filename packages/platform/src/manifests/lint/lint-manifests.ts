import type { KubeManifest } from '../manifest.ts';
import type { Finding, LintRule } from './finding.ts';
import { fixedMachineImage, knownRequirementKeys, migFits, scheduledBudgets } from './node-pool-rules.ts';
import { claimsExist, equalGpuRequests, mountedVolumesExist, oneSliceEach, pinnedImages, preStopWithinGrace, selectorMatchesPods } from './pod-rules.ts';
import { averagesAsValue, cooldownOnlyToZero, drainable, knownMetrics, noReplicasWhenScaled, oneScalerPerTarget, quotaOnRequests } from './scaling-rules.ts';

const RULES: readonly LintRule[] = [
  pinnedImages,
  equalGpuRequests,
  preStopWithinGrace,
  mountedVolumesExist,
  claimsExist,
  selectorMatchesPods,
  oneSliceEach,
  averagesAsValue,
  knownMetrics,
  cooldownOnlyToZero,
  oneScalerPerTarget,
  noReplicasWhenScaled,
  drainable,
  quotaOnRequests,
  scheduledBudgets,
  knownRequirementKeys,
  fixedMachineImage,
  migFits,
];

/** Finds what a schema accepts and the cluster then refuses, ignores or does wrong. Pure; never throws on strange objects. */
export const lintManifests = (objects: readonly KubeManifest[]): readonly Finding[] => RULES.flatMap((rule) => rule(objects));
