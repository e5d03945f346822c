"""Prints as JSON what TensorBoard reads in a folder of runs: what each run has by tag, and the values."""
import json
import sys

from tensorboard.backend.event_processing import event_multiplexer
from tensorboard.plugins.hparams import plugin_data_pb2

multiplexer = event_multiplexer.EventMultiplexer(
    size_guidance={kind: 0 for kind in ("scalars", "histograms", "images", "tensors")}
)
multiplexer.AddRunsFromDirectory(sys.argv[1])
multiplexer.Reload()


def contents(plugin, run):
    return multiplexer.PluginRunToTagToContent(plugin).get(run, {})


runs = {}
for run, tags in multiplexer.Runs().items():
    runs[run] = {
        "scalars": {t: [[e.step, e.value] for e in multiplexer.Scalars(run, t)] for t in tags["scalars"]},
        "histograms": {
            t: [[e.step, e.histogram_value.num, e.histogram_value.min, e.histogram_value.max, sum(e.histogram_value.bucket)]
                for e in multiplexer.Histograms(run, t)]
            for t in tags["histograms"]
        },
        "images": {t: [[e.step, e.height, e.width, len(e.encoded_image_string)] for e in multiplexer.Images(run, t)]
                   for t in tags["images"]},
        "text": {t: multiplexer.Tensors(run, t)[0].tensor_proto.string_val[0].decode() for t in contents("text", run)},
        "graph": [[n.name, n.op, list(n.input)] for n in multiplexer.Graph(run).node] if tags["graph"] else [],
        "hparams": {t: str(plugin_data_pb2.HParamsPluginData.FromString(c)) for t, c in contents("hparams", run).items()},
    }
json.dump(runs, sys.stdout)
