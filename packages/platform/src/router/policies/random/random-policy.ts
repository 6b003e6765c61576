import { composePolicy } from '../../policy/compose-policy.ts';
import { randomPicker } from '../../policy/pickers.ts';
import type { Policy } from '../../policy/policy.ts';

/** Any replica, each with the same chance. */
export const createRandomPolicy = (): Policy => composePolicy({ name: 'random', scorers: [], picker: randomPicker, explain: () => 'by chance' });
