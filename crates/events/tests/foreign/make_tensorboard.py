"""Writes logs/tensorboard/: scalars of every type in both forms, an unknown plugin, a precision-recall curve, two files."""

import pathlib
import struct

import numpy as np
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, tensor_shape_pb2
from tensorboard.compat.proto import types_pb2 as t
from tensorboard.plugins.scalar import metadata as scalar_metadata
from tensorboard.summary.writer.record_writer import RecordWriter
from tensorboard.util import tensor_util

folder = pathlib.Path(__file__).parent / "logs/tensorboard"
folder.mkdir(parents=True, exist_ok=True)


class File:
    def __init__(self, number):
        self.file = open(folder / f"events.out.tfevents.170000000{number}.host", "wb")
        self.writer = RecordWriter(self.file)
        self.write(0, file_version="brain.Event:2")

    def write(self, step, **what):
        event = event_pb2.Event(wall_time=1700000000.25 + step, step=step, **what)
        self.writer.write(event.SerializeToString())

    def value(self, step, tag, plugin=None, **value):
        value = summary_pb2.Summary.Value(tag=tag, **value)
        if plugin:
            value.metadata.plugin_data.plugin_name = plugin
            value.metadata.data_class = summary_pb2.DATA_CLASS_TENSOR
        self.write(step, summary=summary_pb2.Summary(value=[value]))


def scalar(dtype, content=None, **listed):
    shape = tensor_shape_pb2.TensorShapeProto()
    return tensor_pb2.TensorProto(dtype=dtype, tensor_shape=shape, tensor_content=content or b"", **listed)


first = File(0)
types = {
    "float": [scalar(t.DT_FLOAT, struct.pack("<f", 0.1)), scalar(t.DT_FLOAT, float_val=[float("nan")])],
    "double": [scalar(t.DT_DOUBLE, struct.pack("<d", 0.1)), scalar(t.DT_DOUBLE, double_val=[1e300])],
    "half": [scalar(t.DT_HALF, np.float16(0.1).tobytes()), scalar(t.DT_HALF, half_val=[0x7C00])],
    "int32": [scalar(t.DT_INT32, struct.pack("<i", -7)), scalar(t.DT_INT32, int_val=[2**31 - 1])],
    "int64": [scalar(t.DT_INT64, struct.pack("<q", -(2**40))), scalar(t.DT_INT64, int64_val=[2**53])],
    "uint8": [scalar(t.DT_UINT8, b"\xff"), scalar(t.DT_UINT8, int_val=[200])],
}
for tag, tensors in types.items():
    for step, tensor in enumerate(tensors):
        first.value(step, tag, "scalars" if step == 0 else None, tensor=tensor)
curve = np.linspace(0, 1, 18, dtype=np.float32).reshape(6, 3)
first.value(0, "curve", "pr_curves", tensor=tensor_util.make_tensor_proto(curve))
first.value(0, "strange", "a plugin that nobody knows", tensor=tensor_util.make_tensor_proto(np.ones((2, 2, 2))))
first.value(1, "strange", tensor=tensor_util.make_tensor_proto(np.zeros((2, 2, 2))))
first.value(0, "table", "text", tensor=tensor_util.make_tensor_proto([["a", "b"], ["c", "d"]]))
first.value(0, "floats", "histograms", tensor=tensor_util.make_tensor_proto(np.ones((4, 3), dtype=np.float32)))
run_metadata = event_pb2.TaggedRunMetadata(tag="step 3", run_metadata=b"\x0a\x00")
first.write(3, tagged_run_metadata=run_metadata)
# A restart: the same tags in a second file, with steps that go back.
second = File(1)
for step in range(1, 4):
    second.value(step, "float", "scalars", tensor=scalar(t.DT_FLOAT, float_val=[step / 2]))
for file in (first, second):
    file.file.close()
