import { z } from 'zod';

const positive = z.number().positive();
const loose = z.record(z.string(), z.unknown());

/** What is read of an EndpointPickerConfig; the author of the format is another one, so fields that are not used here may be anything. */
export const configSchema = z.looseObject({
  apiVersion: z.enum(['llm-d.ai/v1', 'llm-d.ai/v1alpha1', 'inference.networking.x-k8s.io/v1alpha1']),
  kind: z.literal('EndpointPickerConfig'),
  featureGates: z.array(z.string()).nullish(),
  plugins: z.array(z.looseObject({ name: z.string().nullish(), type: z.string(), parameters: loose.nullish() })).nullish(),
  schedulingProfiles: z
    .array(
      z.looseObject({
        name: z.string(),
        plugins: z.array(z.looseObject({ pluginRef: z.string(), weight: z.number().nonnegative().nullish() })).nullish(),
      }),
    )
    .nullish(),
  saturationDetector: z.looseObject({ queueDepthThreshold: positive.nullish(), kvCacheUtilThreshold: positive.nullish() }).nullish(),
  flowControl: loose.nullish(),
});

export type ConfigFile = z.infer<typeof configSchema>;

/** Parameters that are read, by the type of their plug-in. */
export const pickerParameters = z.looseObject({ maxNumOfEndpoints: z.number().int().min(1).max(16).nullish() });
export const detectorParameters = z.looseObject({ queueDepthThreshold: positive.nullish(), kvCacheUtilThreshold: positive.nullish() });
