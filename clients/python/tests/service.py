"""The service under test, at BATCHNORM_URL."""

import os
import unittest
import uuid

from batchnorm_client import Client, Layer

URL = os.environ.get("BATCHNORM_URL", "http://127.0.0.1:8080")
_client = Client(URL)
unittest.addModuleCleanup(_client.close)


def client() -> Client:
    return _client


def name() -> str:
    return f"test-{uuid.uuid4()}"


def layer(features: int, **definition) -> Layer:
    return _client.create(name(), features=features, **definition)
