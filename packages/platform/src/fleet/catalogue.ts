import type { z } from 'zod';
import type { architectureSchema, gpuSchema, instanceSchema } from './catalogue-schemas.ts';
import awsFile from './data/aws-accelerators.json' with { type: 'json' };
import factorsFile from './data/factors.json' with { type: 'json' };
import gpusFile from './data/gpus.json' with { type: 'json' };
import modelsFile from './data/models.json' with { type: 'json' };

type ArchitectureRow = z.infer<typeof architectureSchema>;

/** Published figures of one model. */
export type Architecture = ArchitectureRow & { readonly aliases: readonly string[] };
/** Data-sheet figures of one GPU, and the shares of them that engines reach. */
export type Gpu = z.infer<typeof gpuSchema>;

/** An instance type whose GPU has figures and whose price is known. */
export interface Instance {
  readonly name: string;
  readonly vcpu: number;
  readonly memoryGiB: number;
  readonly gpuCount: number;
  readonly gpu: Gpu;
  readonly gpuMemoryBytes: number;
  readonly onDemandNanoUsdPerHour: number;
}

const MIB = 2 ** 20;

/** All models with known figures. */
export const ARCHITECTURES: readonly Architecture[] = Object.freeze(
  (modelsFile.models as ArchitectureRow[]).map((model) => ({ ...model, aliases: model.aliases ?? [] })),
);
const GPUS = new Map(gpusFile.gpus.map((gpu: Gpu) => [gpu.id, gpu]));

/** GPU instances of AWS that can be planned with; types without a price or without figures of their chip are left out. */
export const INSTANCES: readonly Instance[] = Object.freeze(awsFile.instances.flatMap(toInstance));

/** Where prices come from and of which day they are. */
export const PRICES = Object.freeze({ source: awsFile.source, region: awsFile.region, date: awsFile.pricesOf });

/** Constants of the formulas, each with its source in `data/factors.json`. */
export const FACTORS = Object.freeze(
  Object.fromEntries(Object.entries(factorsFile).flatMap(([name, factor]) => (typeof factor === 'string' ? [] : [[name, factor.value]]))),
) as Readonly<Record<Exclude<keyof typeof factorsFile, 'collected'>, number>>;

function toInstance(row: z.infer<typeof instanceSchema>): Instance[] {
  // The file calls both memory sizes of the A100 by one name.
  const gpu = GPUS.get(row.accel === 'a100' ? (row.accelMiB === 40_960 ? 'a100-40' : 'a100-80') : row.accel);
  if (gpu === undefined || row.accelMiB === null || row.usdPerHour === null) return [];
  return [
    {
      name: row.instance,
      vcpu: row.vcpu,
      memoryGiB: row.memGiB,
      gpuCount: row.accelCount,
      gpu,
      gpuMemoryBytes: row.accelMiB * MIB,
      onDemandNanoUsdPerHour: Math.round(row.usdPerHour * 1e9),
    },
  ];
}
