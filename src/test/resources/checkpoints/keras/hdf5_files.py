"""Writes HDF5 files as other writers than Keras make them, and hostile ones: python3 hdf5_files.py"""

import h5py
import numpy as np

VARIABLES = ["gamma", "beta", "moving_mean", "moving_variance"]


def norm(group, dtype, **options):
    for number in range(4):
        values = np.array([number + 0.5, number + 1 / 3], dtype=dtype)
        group.create_dataset(f"vars/{number}", data=values, **options)


# Types, byte orders and layouts.
with h5py.File("arrays.weights.h5", "w") as f:
    norm(f.create_group("big"), ">f4")
    norm(f.create_group("double"), "<f8")
    norm(f.create_group("half_big"), ">f2")
    norm(f.create_group("chunked"), "<f4", chunks=(1,), compression="gzip")
    compact = f.create_group("compact/vars")
    for number in range(4):
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_layout(h5py.h5d.COMPACT)
        values = np.array([number + 0.5, number + 1 / 3], dtype="<f4")
        space = h5py.h5s.create_simple(values.shape)
        data = h5py.h5d.create(compact.id, str(number).encode(), h5py.h5t.IEEE_F32LE, space, plist)
        data.write(h5py.h5s.ALL, h5py.h5s.ALL, values)
    f["long/vars/0"] = np.arange(3)
    f["long/vars/1"] = np.int16(-3)
    f["complex/vars/0"] = np.zeros(2, "c8")
    f["text"] = "text"

# The newest structures of HDF5, with more links than fit into a header.
with h5py.File("newest.weights.h5", "w", libver="latest", track_order=True) as f:
    layers = f.create_group("layers", track_order=True)
    for number in range(40):
        norm(layers.create_group(f"norm{number}", track_order=True), "<f4")

# Links, which are not followed.
with h5py.File("links.weights.h5", "w") as f:
    norm(f.create_group("layers/norm"), "<f4")
    f["soft"] = h5py.SoftLink("/layers/norm")
    f["external"] = h5py.ExternalLink("/etc/hostname", "/layers")

# A group that contains itself.
with h5py.File("cycle.weights.h5", "w") as f:
    norm(f.create_group("layers/norm"), "<f4")
    f["layers/again"] = f["layers"]

with h5py.File("deep.weights.h5", "w") as f:
    f.create_group("/".join("d" * 40))

# What Keras 2 wrote: names with ":0", an axis in a list, names in several attributes.
with h5py.File("keras2.h5", "w") as f:
    f.attrs["keras_version"] = b"2.15.0"
    f.attrs["model_config"] = (
        '{"class_name": "Functional", "config": {"name": "model", "layers": [{"class_name": "BatchNormalization", '
        '"config": {"name": "batch_normalization", "axis": [3], "momentum": 0.9, "epsilon": 0.002, "center": true, '
        '"scale": true}, "name": "batch_normalization", "inbound_nodes": []}]}}'
    )
    weights = f.create_group("model_weights")
    weights.attrs["layer_names0"] = [b"batch_normalization"]
    layer = weights.create_group("batch_normalization")
    layer.attrs["weight_names"] = [f"batch_normalization/{name}:0".encode() for name in VARIABLES]
    for number, name in enumerate(VARIABLES):
        layer[f"batch_normalization/{name}:0"] = np.array([number + 0.5, number + 0.25], "<f4")

# A file of weights alone, in the format of Keras 2.
with h5py.File("keras2.weights.h5", "w") as f:
    f.attrs["layer_names"] = [b"bn"]
    for number, name in enumerate(VARIABLES):
        f[f"bn/bn/{name}:0"] = np.array([number + 0.5, number + 0.25], "<f4")

# A soft link in the structures of the first version.
with h5py.File("soft.weights.h5", "w") as f:
    norm(f.create_group("layers/norm"), "<f4")
    f["soft"] = h5py.SoftLink("/layers/norm")
