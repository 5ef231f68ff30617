"""Checks the client against a running service."""

import json
import os
import pathlib
import socket
import tempfile
import threading
import time
import unittest

import numpy as np

import service
from batchnorm_client import BatchNormError, Client, ServiceUnreachable
from batchnorm_client.arrays import BFloat16
from faulty import problem, server

ROOT = pathlib.Path(__file__).parents[3]
X = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])


class LayerTest(unittest.TestCase):

    def test_trains_infers_and_differentiates(self):
        layer = service.layer(2, convention="pytorch")
        step = layer.forward_train(X, statistics=True)
        np.testing.assert_allclose(step.output[:, 0], [-1.22474258, 0, 1.22474258], atol=1e-8)
        np.testing.assert_allclose(step.statistics["running_var"], [1.3, 1.3], rtol=1e-15)
        self.assertEqual((step.statistics["count"], step.version), (3, 2))
        gradients = layer.backward(X / 10, step.context_id)
        np.testing.assert_allclose(gradients.grad_beta, [0.9, 1.2], rtol=1e-15)
        again = layer.backward(X / 10, input=X, mode="train", parameters=False)
        np.testing.assert_array_equal(again.grad_input, gradients.grad_input)
        np.testing.assert_allclose(layer.forward_infer(X).output[1], [2.36804754, 3.15739673], rtol=1e-8)
        updated = layer.apply_gradients(gradients.grad_gamma, gradients.grad_beta, {"kind": "sgd", "learning_rate": 0.1})
        np.testing.assert_allclose(updated["beta"], [-0.09, -0.12], rtol=1e-15)

    def test_responds_in_the_datatype_of_the_request(self):
        layer = service.layer(2)
        for dtype in (np.float64, np.float32, np.float16):
            self.assertEqual(layer.forward_infer(X.astype(dtype)).output.dtype, dtype)
        self.assertEqual(layer.forward_infer(X.astype(np.int32)).output.dtype, np.float64)
        bits = (X.astype(np.float32).view(np.uint32) >> 16).astype(np.uint16)
        self.assertIsInstance(layer.forward_infer(BFloat16(bits)).output, BFloat16)
        with self.assertRaisesRegex(TypeError, "complex128 are not supported"):
            layer.forward_infer(X * 1j)

    def test_takes_views_and_empty_batches(self):
        layer = service.layer(2)
        np.testing.assert_array_equal(layer.forward_infer(X.T.copy().T[::-1]).output, layer.forward_infer(X).output[::-1])
        np.testing.assert_array_equal(layer.forward_infer(X.astype(">f8")).output, layer.forward_infer(X).output)
        self.assertEqual(layer.forward_train(X[:0]).output.shape, (0, 2))
        layer.forward_infer(X).output[0, 0] = 1  # it can be written

    def test_masks_positions(self):
        layer = service.layer(2)
        step = layer.forward_train(X, mask=np.array([True, False, True]), statistics=True)
        self.assertEqual(step.statistics["count"], 2)
        np.testing.assert_allclose(step.statistics["batch_mean"], [3, 4])

    def test_counts_a_repeated_key_once(self):
        layer = service.layer(2)
        first, second = (layer.forward_train(X, key="step-1") for _ in range(2))
        np.testing.assert_array_equal(first.output, second.output)
        self.assertEqual(layer.get()["num_batches_tracked"], 1)

    def test_names_field_and_index_of_an_error(self):
        layer = service.layer(2)
        with self.assertRaises(BatchNormError) as caught:
            layer.forward_train(np.array([[1, 2], [np.nan, 3]]))
        error = caught.exception
        self.assertEqual((error.status, error.slug, error.field, error.index), (422, "non-finite-value", "input[1][0]", (1, 0)))
        with self.assertRaises(BatchNormError) as caught:
            layer.patch(epsilon=1e-3, if_match='"another"')
        self.assertEqual(caught.exception.slug, "version-mismatch")

    def test_lists_changes_and_deletes(self):
        layer = service.layer(2)
        self.assertIn(layer.name, [each["name"] for each in service.client().layers()])
        self.assertEqual(layer.patch(epsilon=0.5, if_match=layer.get()["etag"])["config"]["epsilon"], 0.5)
        layer.forward_train(X)
        self.assertEqual(layer.reset()["num_batches_tracked"], 0)
        layer.delete()
        with self.assertRaises(BatchNormError):
            layer.get()

    def test_keeps_snapshots(self):
        layer = service.layer(2)
        taken = layer.take_snapshot("before")
        layer.forward_train(X)
        self.assertEqual(layer.compare_snapshots(taken["id"])["to"], "current")
        self.assertEqual(layer.restore_snapshot(taken["id"])["num_batches_tracked"], 0)
        self.assertEqual([each["label"] for each in layer.snapshots()], ["before"])
        self.assertEqual(layer.snapshot(taken["id"])["features"], 2)
        layer.delete_snapshot(taken["id"])
        self.assertEqual(layer.snapshots(), [])

    def test_exports_and_imports(self):
        layer = service.layer(2)
        layer.forward_train(X)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "layer.safetensors")
            path.write_bytes(layer.export(datatype="FP64"))
            report = service.client().import_layers(path, name=service.name())
        copy = service.client().layer(report["layers"][0]["name"])
        np.testing.assert_array_equal(copy.forward_infer(X).output, layer.forward_infer(X).output)
        self.assertGreater(len(service.client().export(layer.name, copy.name)), len(layer.export()))

    def test_folds_a_model(self):
        model = ROOT / "src/test/resources/checkpoints/conv_bn.onnx"
        folded = service.client().fold_model(model)
        self.assertLess(len(folded), model.stat().st_size)
        self.assertNotIn(b"BatchNormalization", folded)

    def test_accumulates_chunks(self):
        layer = service.layer(2)
        chunks = layer.open_accumulation()
        for row in range(0, 3, 2):
            chunks.add(X[row:row + 2])
        np.testing.assert_allclose(chunks.finish("install")["running_var"], X.var(0, ddof=1), rtol=1e-15)
        layer.open_accumulation().abandon()

    def test_synchronizes_workers(self):
        layer = service.layer(2)
        group = layer.open_sync_group(2, timeout_seconds=20)
        outputs = [None, None]

        def work(rank):
            outputs[rank] = group.forward_train(X[:1] if rank else X[1:], rank=rank, step=0).output
            group.backward(np.ones_like(outputs[rank]), rank=rank, step=0)

        threads = [threading.Thread(target=work, args=(rank,)) for rank in range(2)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        right = service.layer(2).forward_train(X).output
        np.testing.assert_allclose(np.concatenate([outputs[1], outputs[0]]), right, atol=1e-14)

    def test_aggregates_copies(self):
        copies = [service.layer(2, running_mean=[mean, 0], running_var=[1, 1]) for mean in (-1, 1)]
        layer = service.layer(2)
        layer.aggregate([copy.name for copy in copies])
        self.assertEqual(layer.get()["running_var"], [2.0, 1.0])

    def test_reaches_every_other_operation(self):
        diagnosis = service.client().call("POST", "/diagnose", {"input": X, "output": (X - X.mean(0)) / X.std(0)})
        self.assertIn("forward pass", diagnosis["verdict"])
        self.assertEqual(service.client().call("GET", "/layers", limit=1)["layers"][0].keys() & {"name"}, {"name"})

    def test_serves_threads_and_forked_processes(self):
        layer = service.layer(2)
        threads = [threading.Thread(target=lambda: [layer.forward_train(X) for _ in range(10)]) for _ in range(4)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        child = os.fork()
        if child == 0:
            layer.forward_train(X)
            os._exit(0)
        layer.forward_train(X)
        self.assertEqual(os.waitpid(child, 0)[1], 0)
        self.assertEqual(layer.get()["num_batches_tracked"], 42)


class BadDaysTest(unittest.TestCase):

    def test_repeats_a_step_with_the_same_key(self):
        with server("drop", problem("commit-outcome-unknown", 503), (200, {}, {"version": 2})) as (client, seen):
            client._send("POST", "/layers/a/apply-gradients", {}, key="k")
        self.assertEqual([headers["Idempotency-Key"] for _, headers in seen], ["k"] * 3)

    def test_sends_a_change_without_a_key_once(self):
        with server("drop") as (client, seen), self.assertRaisesRegex(ServiceUnreachable, "PATCH"):
            client.layer("a").patch(epsilon=1)
        self.assertEqual(len(seen), 1)

    def test_repeats_what_has_changed_nothing(self):
        with server(problem("overloaded", 503), (200, {}, {"version": 2})) as (client, seen):
            client.layer("a").patch(epsilon=1)
        self.assertEqual(len(seen), 2)

    def test_gives_up_after_its_retries(self):
        with server(problem("overloaded", 503), retries=2) as (client, seen):
            with self.assertRaises(BatchNormError) as caught:
                client.layer("a").get()
        self.assertEqual((len(seen), caught.exception.slug, caught.exception.index), (3, "overloaded", (2, 0)))

    def test_does_not_repeat_a_rejection(self):
        with server(problem("unauthenticated", 401)) as (client, seen):
            with self.assertRaises(BatchNormError):
                client.layer("a").get()
        self.assertEqual(len(seen), 1)

    def test_waits_no_longer_than_its_timeout(self):
        with server("hang", timeout=0.2, retries=1) as (client, seen):
            with self.assertRaisesRegex(ServiceUnreachable, "timed out"):
                client.layer("a").get()
        self.assertEqual(len(seen), 2)

    def test_reports_a_service_that_is_down(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
        with Client(f"http://127.0.0.1:{port}", retries=1) as client, self.assertRaisesRegex(ServiceUnreachable, "refused"):
            client.layer("a").patch(epsilon=1)

    def test_survives_a_connection_that_the_service_has_closed(self):
        for header in ("Connection", "X-Closed-Behind"):
            with server((200, {header: "close"}, {"version": 2})) as (client, seen):
                for _ in range(3):
                    client.layer("a").patch(epsilon=1)
                    time.sleep(0.05)  # for the service to close it
            self.assertEqual(len(seen), 3)

    def test_sends_its_key(self):
        with server((200, {}, {}), api_key="secret") as (client, seen):
            client.layer("a").get()
        self.assertEqual(seen[0][1]["Authorization"], "Bearer secret")

    def test_refuses_what_is_no_url(self):
        with self.assertRaisesRegex(ValueError, "is not the URL of a service"):
            Client("ftp://service")


class ContractTest(unittest.TestCase):

    def test_lists_every_operation_as_covered_or_left_out(self):
        contract = json.loads((ROOT / "docs/openapi.json").read_text())
        operations = {operation["operationId"] for methods in contract["paths"].values() for operation in methods.values()
                      if isinstance(operation, dict) and "operationId" in operation}
        covered = json.loads((ROOT / "clients/operations.json").read_text())
        self.assertEqual(operations, set(covered))
        import batchnorm_client
        for operation, clients in covered.items():
            place = clients["python"]
            if place is not None:
                kind, method = place.split(".")
                self.assertTrue(callable(getattr(getattr(batchnorm_client, kind), method, None)), f"{operation}: {place}")


if __name__ == "__main__":
    unittest.main()
