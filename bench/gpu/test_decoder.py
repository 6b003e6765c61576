"""Run with `python3 -m unittest` in this folder: the tiny shape on a CPU, in float32."""

import unittest

import torch

from check import cut_errors, last_logits
from decoder import SHAPES, Decoder, Work
from plan import series_of


class TinyDecoder(unittest.TestCase):
    def setUp(self):
        self.decoder = Decoder(SHAPES['tiny'], kv_tokens=2048, device='cpu', dtype=torch.float32, compiled=False)

    def test_computes_the_same_however_a_prompt_is_cut(self):
        for way, error in cut_errors(self.decoder).items():
            self.assertLess(error, 1e-4, way)

    def test_every_kernel_that_runs_here_agrees_with_the_plain_one(self):
        self.decoder.prefill_attention = self.decoder.decode_attention = 'sdpa'
        for way, error in cut_errors(self.decoder).items():
            self.assertLess(error, 1e-4, way)

    def test_a_mixed_step_gives_each_part_its_own_logits(self):
        ids, positions = self.decoder.inputs(Work(32, 16, 4, 24))
        pool = [kv.clone() for kv in self.decoder.kv]
        mixed = self.decoder.step(Work(32, 16, 4, 24), ids, positions)
        self.decoder.kv = pool
        alone = self.decoder.step(Work(32, 16), ids[:32], positions[:32])

        self.assertEqual(tuple(mixed.shape), (5, SHAPES['tiny'].vocab))
        self.assertTrue(torch.allclose(mixed[0], alone[0], atol=1e-4))

    def test_another_context_gives_other_logits(self):
        ids, _ = self.decoder.inputs(Work(64))
        whole = last_logits(self.decoder, [Work(64)], ids)
        other = last_logits(self.decoder, [Work(64)], ids.flip(0))

        self.assertGreater(float((whole - other).norm() / whole.norm()), 0.1)

    def test_the_grid_fits_into_the_pool(self):
        for shape in SHAPES.values():
            for points in series_of(shape, 100_000).values():
                self.assertTrue(points)
                self.assertTrue(all(work.kv_tokens <= 100_000 for work in points))


if __name__ == '__main__':
    unittest.main()
