import { composePolicy } from '../../policy/compose-policy.ts';
import { createTurnPicker } from '../../policy/pickers.ts';
import type { Policy } from '../../policy/policy.ts';

/** One replica after the other. */
export const createRoundRobinPolicy = (): Policy => composePolicy({ name: 'round-robin', scorers: [], picker: createTurnPicker(), explain: () => 'its turn' });
