export { createScaling } from './autoscale/create-scaling.ts';
export type { EngineCapacity, FleetSample, ReplicaSample, ScalingPolicy } from './autoscale/scaling-policy.ts';
export { type PlannerSpec, PREDICTORS, type PredictorName, SCALING_POLICIES, type ScalingName, type ScalingSpec } from './autoscale/scaling-spec.ts';
export { ARCHITECTURES, type Architecture, type Gpu, INSTANCES, type Instance, PRICES } from './catalogue.ts';
export { type ArchitectureFigures, CAPACITY_TYPES, type CapacityType, type Demand, PRECISIONS, type Precision } from './demand.ts';
export { findArchitecture } from './find-architecture.ts';
export type { Bound } from './replica-capacity.ts';
export { sizeModel } from './size-model.ts';
export type { SizeOption, SizePlan } from './size-plan.ts';
