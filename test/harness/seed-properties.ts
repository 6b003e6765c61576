import fc from 'fast-check';

/** Property tests draw the same values in every run: a failure is of the change, not of the day. `bench/fuzz` looks for new ones. */
fc.configureGlobal({ seed: Number(process.env['MARU_TEST_SEED'] ?? 20_261_121) });
