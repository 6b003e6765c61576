import type { ServedModel } from '../model/served-model.ts';

type Dynamo = NonNullable<ServedModel['serving']['dynamo']>;

/** A Model with the settings of its graph. */
export interface DynamoModel extends ServedModel {
  readonly dynamo: Dynamo;
}

const USUAL: Dynamo = { backend: 'vllm', frontends: 1, router: { mode: 'kv' } };

export const toDynamoModel = (model: ServedModel): DynamoModel => ({ ...model, dynamo: model.serving.dynamo ?? USUAL });
