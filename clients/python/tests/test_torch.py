"""Checks the modules against PyTorch's own."""

import copy
import unittest
from concurrent.futures import ThreadPoolExecutor

try:
    import torch
    from torch import nn
except ImportError:
    raise unittest.SkipTest("PyTorch is not installed")

import service
from batchnorm_client import BatchNormError
from batchnorm_client.torch import (RemoteBatchNorm1d, RemoteBatchNorm2d, RemoteBatchNorm3d, RemoteSyncBatchNorm, compare,
                                    precise_bn)


def remote(kind, features, **options):
    return kind.create(service.client(), service.name(), features, **options)


class ModuleTest(unittest.TestCase):

    def setUp(self):
        torch.manual_seed(7)

    def test_gradcheck_passes_in_training_and_inference(self):
        for train in (True, False):
            module = remote(RemoteBatchNorm1d, 3).double().train(train)
            nn.init.normal_(module.weight)
            x = torch.randn(5, 3, dtype=torch.float64, requires_grad=True)
            self.assertTrue(torch.autograd.gradcheck(module, (x,)))

    def test_agrees_with_pytorch_over_steps(self):
        pairs = ((RemoteBatchNorm1d, nn.BatchNorm1d, (6, 4)), (RemoteBatchNorm1d, nn.BatchNorm1d, (6, 4, 3)),
                 (RemoteBatchNorm2d, nn.BatchNorm2d, (3, 4, 5, 2)), (RemoteBatchNorm3d, nn.BatchNorm3d, (2, 4, 3, 2, 2)))
        for kind, own, shape in pairs:
            with self.subTest(shape=shape):
                ours, theirs = remote(kind, 4).double(), own(4).double()
                for _ in range(3):
                    x = torch.randn(shape, dtype=torch.float64, requires_grad=True)
                    y = x.detach().clone().requires_grad_()
                    (ours(x) ** 2).sum().backward()
                    (theirs(y) ** 2).sum().backward()
                    torch.testing.assert_close(x.grad, y.grad, rtol=1e-10, atol=1e-10)
                torch.testing.assert_close(ours.weight.grad, theirs.weight.grad, rtol=1e-10, atol=1e-10)
                state = ours.layer.get()
                torch.testing.assert_close(torch.tensor(state["running_var"], dtype=torch.float64), theirs.running_var)
                self.assertEqual(state["num_batches_tracked"], 3)

    def test_training_gives_the_losses_of_local_layers(self):
        local = nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 1)).double()
        model = copy.deepcopy(local)
        model[1] = remote(RemoteBatchNorm1d, 8).double()
        x, y = torch.randn(32, 5, dtype=torch.float64), torch.randn(32, 1, dtype=torch.float64)
        losses = []
        for network in (local, model):
            optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
            trace = []
            for _ in range(20):
                optimizer.zero_grad()
                loss = nn.functional.mse_loss(network(x), y)
                loss.backward()
                optimizer.step()
                trace.append(loss.item())
            losses.append(trace)
        self.assertLess(max(abs(a - b) for a, b in zip(*losses)), 1e-6)

    def test_takes_every_form_of_tensor(self):
        module = remote(RemoteBatchNorm2d, 3).eval()
        x = torch.randn(2, 3, 4, 5)
        right = module(x)
        torch.testing.assert_close(module(x.to(memory_format=torch.channels_last)), right)
        torch.testing.assert_close(module(x.transpose(2, 3)), right.transpose(2, 3))
        for dtype, tolerance in ((torch.float16, 2e-3), (torch.bfloat16, 2e-2)):
            found = module(x.to(dtype))
            self.assertEqual(found.dtype, dtype)
            torch.testing.assert_close(found.float(), right, rtol=tolerance, atol=tolerance)
        self.assertEqual(module(x[:0]).shape, (0, 3, 4, 5))

    def test_refuses_other_shapes_before_a_request(self):
        module = remote(RemoteBatchNorm2d, 3)
        with self.assertRaisesRegex(ValueError, "expected 4-D input, got 2-D"):
            module(torch.zeros(2, 3))
        with self.assertRaisesRegex(ValueError, "expected 3 channels"):
            module(torch.zeros(2, 4, 1, 1))
        self.assertEqual(module.layer.get()["num_batches_tracked"], 0)

    def test_names_the_element_that_is_not_finite(self):
        module = remote(RemoteBatchNorm1d, 2)
        with self.assertRaises(BatchNormError) as caught:
            module(torch.tensor([[1.0, 2.0], [float("nan"), 3.0]]))
        self.assertEqual((caught.exception.slug, caught.exception.index), ("non-finite-value", (1, 0)))

    def test_computes_a_forgotten_training_pass_again(self):
        module = remote(RemoteBatchNorm1d, 2).double()
        x = torch.randn(4, 2, dtype=torch.float64, requires_grad=True)
        loss = (module(x) ** 3).sum()
        (right,) = torch.autograd.grad(loss, x, retain_graph=True)
        context = loss.grad_fn
        while not hasattr(context, "context_id"):
            context = context.next_functions[0][0]
        context.context_id = context.context_id[:-4] + "AAAA"
        (again,) = torch.autograd.grad(loss, x)
        torch.testing.assert_close(again, right)
        self.assertEqual(module.layer.get()["num_batches_tracked"], 1)

    def test_copies_state_both_ways(self):
        own = nn.BatchNorm1d(3, eps=1e-3)
        own(torch.randn(8, 3))
        nn.init.normal_(own.weight)
        module = remote(RemoteBatchNorm1d, 3)
        module.load_from(own)
        x = torch.randn(4, 3)
        torch.testing.assert_close(module.eval()(x), own.eval()(x))
        other = nn.BatchNorm1d(3)
        module.export_to(other)
        for name, value in own.state_dict().items():
            torch.testing.assert_close(other.state_dict()[name], value, rtol=0, atol=0)

    def test_workers_of_a_group_share_one_batch(self):
        layer = service.layer(3, scale=False, shift=False)
        group = layer.open_sync_group(2, timeout_seconds=20)
        x = torch.randn(7, 3, dtype=torch.float64)
        shards = [x[:3].clone().requires_grad_(), x[3:].clone().requires_grad_()]

        def work(rank):
            module = RemoteSyncBatchNorm(layer, 3, group, rank).double()
            output = module(shards[rank])
            (output ** 3).sum().backward()
            return output.detach()

        with ThreadPoolExecutor(2) as pool:
            outputs = list(pool.map(work, range(2)))
        own, whole = nn.BatchNorm1d(3).double(), x.clone().requires_grad_()
        right = own(whole)
        (right ** 3).sum().backward()
        torch.testing.assert_close(torch.cat(outputs), right.detach())
        torch.testing.assert_close(torch.cat([shard.grad for shard in shards]), whole.grad)
        self.assertEqual(layer.get()["num_batches_tracked"], 1)

    def test_precise_statistics_are_those_of_all_batches(self):
        module = remote(RemoteBatchNorm1d, 2).double()
        batches = [torch.randn(4, 2, dtype=torch.float64) + i for i in range(3)]
        module.eval()
        precise_bn(nn.Sequential(module), batches)
        everything = torch.cat(batches)
        self.assertFalse(module.training)
        torch.testing.assert_close(torch.tensor(module.layer.get()["running_mean"], dtype=torch.float64), everything.mean(0))
        torch.testing.assert_close(torch.tensor(module.layer.get()["running_var"], dtype=torch.float64), everything.var(0))

    def test_compares_a_model_with_the_service(self):
        model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.BatchNorm2d(4, affine=False))
        for train in (True, False):
            differences = compare(model.train(train), torch.randn(4, 3, 6, 6), service.client())
            self.assertEqual(list(differences), ["1", "3"])
            self.assertLess(max(differences.values()), 1e-5)
        model[1].eps = -0.0
        wrong = copy.deepcopy(model[1])
        wrong.forward = lambda x: nn.functional.batch_norm(x, wrong.running_mean, wrong.running_var, wrong.weight, wrong.bias, eps=1e-1)
        model[1] = wrong
        self.assertGreater(compare(model.eval(), torch.randn(4, 3, 6, 6), service.client())["1"], 1e-3)


if __name__ == "__main__":
    unittest.main()
