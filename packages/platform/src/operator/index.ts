export { createOperator, type Operator, type OperatorOptions } from './create-operator.ts';
export { OWNED_KINDS, type OwnedKind } from './owned-kinds.ts';
