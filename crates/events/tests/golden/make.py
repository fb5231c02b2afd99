"""Writes golden.tfevents: one record of each kind, as TensorBoard's own Python code writes it.

    pip install -r ../../../../tests/tensorboard/requirements.txt
    python make.py

src/golden.rs builds the same records and compares the bytes. TensorBoard makes images and audio only with TensorFlow,
so their tensors are built here from its metadata. It sets the data class when it reads; here it is set before writing.
"""

import pathlib


import numpy as np
from tensorboard.compat.proto import event_pb2, graph_pb2, summary_pb2
from tensorboard.plugins.audio import metadata as audio_metadata
from tensorboard.plugins.histogram import metadata as histogram_metadata
from tensorboard.plugins.hparams import api_pb2, plugin_data_pb2
from tensorboard.plugins.hparams import metadata as hparams_metadata
from tensorboard.plugins.image import metadata as image_metadata
from tensorboard.plugins.scalar.summary_v2 import scalar_pb
from tensorboard.plugins.text.summary_v2 import text_pb
from tensorboard.summary.writer.record_writer import RecordWriter
from tensorboard.util import tensor_util

SCALAR = summary_pb2.DATA_CLASS_SCALAR
TENSOR = summary_pb2.DATA_CLASS_TENSOR
BLOBS = summary_pb2.DATA_CLASS_BLOB_SEQUENCE

path = pathlib.Path(__file__).parent / "golden.tfevents"
file = open(path, "wb")
writer = RecordWriter(file)


def write(event):
    writer.write(event.SerializeToString(deterministic=True))


def summary(step, pb, data_class):
    """data_class None: a later value of its tag, without metadata."""
    for value in pb.value:
        if data_class is None:
            value.ClearField("metadata")
        else:
            value.metadata.data_class = data_class
    write(event_pb2.Event(wall_time=1700000000.25, step=step, summary=pb))


def tensor(tag, metadata, array, **options):
    pb = summary_pb2.Summary()
    pb.value.add(tag=tag, metadata=metadata, tensor=tensor_util.make_tensor_proto(array, **options))
    return pb


write(
    event_pb2.Event(
        wall_time=1700000000.25,
        file_version="brain.Event:2",
        source_metadata=event_pb2.SourceMetadata(writer="headwater-events"),
    )
)
summary(0, scalar_pb("loss", 2.5), SCALAR)
summary(-1, scalar_pb("loss", float("nan")), None)
summary(2**40, scalar_pb("loss", -float("inf")), None)
buckets = np.array([[-1.0, 0.0, 3.0], [0.0, 0.125, 4.0]])
histogram = histogram_metadata.create_summary_metadata(None, None)
summary(1, tensor("gradient/layer1", histogram, buckets, dtype=np.float64), TENSOR)
summary(2, tensor("gradient/empty", histogram, np.zeros((0, 3)), dtype=np.float64), TENSOR)
summary(1, text_pb("config", "# Grüße"), TENSOR)
image = image_metadata.create_summary_metadata(None, None)
summary(1, tensor("picture", image, [b"28", b"14", b"\x89PNG"]), BLOBS)
audio = audio_metadata.create_summary_metadata(None, None, audio_metadata.Encoding.Value("WAV"))
summary(1, tensor("sound", audio, [b"RIFF"]), BLOBS)


def hparams(tag, **data):
    content = plugin_data_pb2.HParamsPluginData(**data)
    metadata = hparams_metadata.create_summary_metadata(content)
    # The values of hyperparameters are a map, whose order is otherwise left to chance.
    metadata.plugin_data.content = content.SerializeToString(deterministic=True)
    pb = summary_pb2.Summary()
    pb.value.add(tag=tag, metadata=metadata, tensor=hparams_metadata.NULL_TENSOR)
    summary(0, pb, TENSOR)


experiment = api_pb2.Experiment(
    time_created_secs=1700000000.25,
    hparam_infos=[
        api_pb2.HParamInfo(name="depth", type=api_pb2.DATA_TYPE_FLOAT64),
        api_pb2.HParamInfo(name="activation", type=api_pb2.DATA_TYPE_STRING),
        api_pb2.HParamInfo(name="bias", type=api_pb2.DATA_TYPE_BOOL),
    ],
    metric_infos=[api_pb2.MetricInfo(name=api_pb2.MetricName(tag="loss"))],
)
start = plugin_data_pb2.SessionStartInfo(group_name="sigmoid", start_time_secs=1700000000.25)
start.hparams["depth"].number_value = 6
start.hparams["activation"].string_value = "sigmoid"
start.hparams["bias"].bool_value = False
end = plugin_data_pb2.SessionEndInfo(status=api_pb2.STATUS_SUCCESS, end_time_secs=1700000000.25)
hparams(hparams_metadata.EXPERIMENT_TAG, experiment=experiment)
hparams(hparams_metadata.SESSION_START_INFO_TAG, session_start_info=start)
hparams(hparams_metadata.SESSION_END_INFO_TAG, session_end_info=end)

graph = graph_pb2.GraphDef()
graph.versions.producer = 22
graph.node.add(name="input", op="Input")
node = graph.node.add(name="layer1/dense", op="Dense", input=["input"])
node.attr["activation"].s = b"sigmoid"
shape = node.attr["_output_shapes"].list.shape.add()
shape.dim.add(size=-1)
shape.dim.add(size=10)
graph_def = graph.SerializeToString(deterministic=True)
write(event_pb2.Event(wall_time=1700000000.25, graph_def=graph_def))
file.close()
