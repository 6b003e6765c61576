/** The images that pods run; each with a fixed tag, so that a restart never changes the program. */
export interface Images {
  readonly maru: string;
  readonly vllm: string;
  readonly sglang: string;
  readonly 'tensorrt-llm': string;
  readonly 'dynamo-vllm': string;
  readonly 'dynamo-sglang': string;
  readonly 'dynamo-trtllm': string;
  /** Has the planner and the simulated engine. */
  readonly 'dynamo-planner': string;
}

export const DYNAMO_VERSIONS = ['v1beta1', 'v1alpha1'] as const;
export type DynamoVersion = (typeof DYNAMO_VERSIONS)[number];

export interface RenderOptions {
  /** Where namespaced objects go; `maru` where left out. */
  readonly namespace?: string | undefined;
  /** Replaces `${CLUSTER_NAME}` in roles and discovery tags. */
  readonly clusterName?: string | undefined;
  readonly images?: Partial<Images> | undefined;
  readonly autoscaler?: 'keda' | 'hpa' | undefined;
  /** Where KEDA asks for metrics. */
  readonly prometheusUrl?: string | undefined;
  /** Namespace of the Prometheus that may scrape the pods. */
  readonly monitoringNamespace?: string | undefined;
  /** The Gateway that HTTPRoutes attach to. */
  readonly gateway?: { readonly name: string; readonly namespace?: string | undefined } | undefined;
  /** The Service that picks a replica for each request (ext_proc). */
  readonly endpointPicker?: { readonly name: string; readonly port: number } | undefined;
  /** Of DynamoGraphDeployments; `v1beta1` where left out. */
  readonly dynamoVersion?: DynamoVersion | undefined;
}

/** Options with every gap filled. */
export interface RenderContext {
  readonly namespace: string;
  readonly clusterName: string;
  readonly images: Images;
  readonly autoscaler: 'keda' | 'hpa';
  readonly prometheusUrl: string;
  readonly monitoringNamespace: string;
  readonly gateway: { readonly name: string; readonly namespace?: string | undefined };
  readonly endpointPicker: { readonly name: string; readonly port: number };
  readonly dynamoVersion: DynamoVersion;
}

const IMAGES: Images = {
  maru: 'ghcr.io/maru-dev/maru:0.1.0',
  vllm: 'vllm/vllm-openai:v0.11.0',
  sglang: 'lmsysorg/sglang:v0.5.3',
  'tensorrt-llm': 'nvcr.io/nvidia/tensorrt-llm/release:1.0.0',
  'dynamo-vllm': 'nvcr.io/nvidia/ai-dynamo/vllm-runtime:1.3.1',
  'dynamo-sglang': 'nvcr.io/nvidia/ai-dynamo/sglang-runtime:1.3.1',
  'dynamo-trtllm': 'nvcr.io/nvidia/ai-dynamo/tensorrtllm-runtime:1.3.1',
  'dynamo-planner': 'nvcr.io/nvidia/ai-dynamo/dynamo-planner:1.3.1',
};

export const toRenderContext = (options: RenderOptions): RenderContext => ({
  namespace: options.namespace ?? 'maru',
  clusterName: options.clusterName ?? 'maru',
  images: { ...IMAGES, ...options.images },
  autoscaler: options.autoscaler ?? 'keda',
  prometheusUrl: options.prometheusUrl ?? 'http://prometheus-operated.monitoring:9090',
  monitoringNamespace: options.monitoringNamespace ?? 'monitoring',
  gateway: options.gateway ?? { name: 'ai-gateway' },
  endpointPicker: options.endpointPicker ?? { name: 'maru-endpoint-picker', port: 9002 },
  dynamoVersion: options.dynamoVersion ?? 'v1beta1',
});
