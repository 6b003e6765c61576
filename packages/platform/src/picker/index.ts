export { createPickQueue } from './choose/pick-queue.ts';
export { DEFAULT_SATURATION } from './choose/saturation.ts';
export { type PickerConfig, readPickerConfig } from './config/read-picker-config.ts';
export { type ClusterObjectives, followObjectives } from './objectives/cluster-objectives.ts';
export { readObjectives } from './objectives/read-objectives.ts';
export { type Picker, type PickerOptions, startPicker } from './picker.ts';
export { createFleetPool, type FleetPool } from './pool/fleet-pool.ts';
export type { Objectives, Pool, PoolEndpoint } from './ports.ts';
