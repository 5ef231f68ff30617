"""Batch-normalization layers of the batchnorm service, as NumPy arrays."""

from .client import Accumulation, Client, Forward, Gradients, Layer, SyncGroup
from .errors import BatchNormError, ServiceUnreachable

__version__ = "0.1.0"
__all__ = ["Accumulation", "BatchNormError", "Client", "Forward", "Gradients", "Layer", "ServiceUnreachable", "SyncGroup"]
