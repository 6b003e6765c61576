/**
 * Block hit rate (most over mean work) on the Mooncake conversation trace, 8 workers, no timing model, as it was published
 * for this experiment; printed digits are kept as text.
 */
export interface PublishedRow {
  readonly capacity: number;
  readonly title: string;
  readonly random: string;
  readonly 'round-robin': string;
  readonly 'least-backlog': string;
  readonly 'greedy-prefix': string;
  readonly 'least-work': string;
  readonly pooled: string;
  /** Hit rates of `random` over five seeds. */
  readonly randomRange: readonly [number, number];
}

export const PUBLISHED: readonly PublishedRow[] = [
  {
    capacity: 600,
    title: '0.3M tok (600 blocks)',
    random: '.050 (1.04)',
    'round-robin': '.050 (1.04)',
    'least-backlog': '.049 (1.01)',
    'greedy-prefix': '.042 (8.0)',
    'least-work': '.086 (1.01)',
    pooled: '.105',
    randomRange: [0.048, 0.051],
  },
  {
    capacity: 2000,
    title: '1.0M tok (2,000 blocks)',
    random: '.076 (1.03)',
    'round-robin': '.079 (1.05)',
    'least-backlog': '.079 (1.01)',
    'greedy-prefix': '.054 (8.0)',
    'least-work': '.206 (1.01)',
    pooled: '.263',
    randomRange: [0.074, 0.078],
  },
  {
    capacity: 5859,
    title: '3.0M tok (5,859 blocks)',
    random: '.108 (1.04)',
    'round-robin': '.113 (1.04)',
    'least-backlog': '.109 (1.01)',
    'greedy-prefix': '.136 (8.0)',
    'least-work': '.292 (1.01)',
    pooled: '.354',
    randomRange: [0.103, 0.11],
  },
];
