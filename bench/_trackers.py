"""How each tracker of `trackers.py` logs, ends, and is counted: code for its own interpreter.

`setup` defines `log(values, step)`, `end` makes what was logged durable and readable, `tally` sets
`kept` to the number of records in `folder`. Each tracker runs as it is installed, with its own
defaults, into a folder of its own.
"""

from typing import Final, NamedTuple


class Tracker(NamedTuple):
    """The three pieces of code of one tracker."""

    setup: str
    end: str
    tally: str


AXONML: Final = Tracker(
    setup="import axonml; run = axonml.init('bench', system=False); log = run.log",
    end="run.finish()",
    tally="""
import subprocess
subprocess.run([sys.executable, "-m", "axonml.cli", "sync"], check=True, stdout=subprocess.DEVNULL)
client = axonml.Client()
(run,) = client.runs().items
series = client.call("GET", f"/api/training/runs/{run.id}/series", dict)["items"]
kept = next(each["n_points"] for each in series if each["name"] == "a")
""",
)
TRACKIO: Final = Tracker(
    setup="import trackio; trackio.init(project='bench'); log = trackio.log",
    end="trackio.finish()",
    tally="""
import sqlite3
kept = sqlite3.connect(folder + "/bench.db").execute("SELECT count(*) FROM metrics").fetchone()[0]
""",
)
WANDB: Final = Tracker(
    setup="import wandb; run = wandb.init(project='bench', mode='offline'); log = run.log",
    end="run.finish()",
    # A LevelDB log of protobuf records: blocks of 32 KiB, a header of 7 bytes for each fragment.
    tally="""
import glob, struct
from wandb.proto import wandb_internal_pb2 as messages
(path,) = glob.glob(folder + "/wandb/offline-run-*/*.wandb")
data, at, part, kept = open(path, "rb").read(), 7, b"", 0
while at + 7 <= len(data):
    if 32768 - at % 32768 < 7:
        at += 32768 - at % 32768
        continue
    size, kind = struct.unpack_from("<HB", data, at + 4)
    part += data[at + 7 : at + 7 + size]
    at += 7 + size
    if kind in (1, 4) and at <= len(data):
        kept += messages.Record.FromString(part).WhichOneof("record_type") == "history"
        part = b""
""",
)
TENSORBOARD: Final = Tracker(
    setup="""
import time
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter
writer = EventFileWriter(folder)
def log(values, step):
    value = [Summary.Value(tag=name, simple_value=each) for name, each in values.items()]
    writer.add_event(Event(wall_time=time.time(), step=step, summary=Summary(value=value)))
""",
    end="writer.close()",
    tally="""
import glob
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
(path,) = glob.glob(folder + "/events*")
kept = sum(event.HasField("summary") for event in EventFileLoader(path).Load())
""",
)
AIM: Final = Tracker(
    setup="""
import aim
run = aim.Run(repo=folder, system_tracking_interval=None, log_system_params=False)
log = lambda values, step: run.track(values, step=step)
""",
    end="run.close()",
    # Opened to read alone, a run that was just written shows no metric (3.29.1).
    tally="""
import aim
(name,) = aim.Repo(folder).list_all_runs()
metrics = aim.Run(run_hash=name, repo=folder).metrics()
kept = next(len(each.values.sparse_list()[0]) for each in metrics if each.name == "a")
""",
)
MLFLOW: Final = Tracker(
    setup="""
import mlflow
mlflow.set_experiment("bench"); mlflow.start_run()
log = lambda values, step: mlflow.log_metrics(values, step=step)
""",
    end="mlflow.end_run()",
    tally="""
import sqlite3
sql = "SELECT count(*) FROM metrics WHERE key = 'a'"
kept = sqlite3.connect(folder + "/mlflow.db").execute(sql).fetchone()[0]
""",
)
PEERS: Final = {
    "trackio": TRACKIO,
    "tensorboard": TENSORBOARD,
    "aim": AIM,
    "wandb": WANDB,
    "mlflow": MLFLOW,
}
# How many records of four metrics each logs in about the same time.
RECORDS: Final = {
    "axonml": 200_000,
    "trackio": 20_000,
    "tensorboard": 50_000,
    "aim": 10_000,
    "wandb": 20_000,
    "mlflow": 1_000,
}

# What a page asks each server for to draw one series of a million points; `url` is the server's.
CHARTS: Final = {
    "tensorboard": (
        """
import time
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter
writer = EventFileWriter(folder, max_queue_size=1000)
for step in range(points):
    value = [Summary.Value(tag="a", simple_value=1.0 / (step + 1))]
    writer.add_event(Event(wall_time=1.7e9 + step, step=step, summary=Summary(value=value)))
writer.close()
""",
        # Its default keeps a random thousand of the points: a spike is drawn or is not.
        [
            "tensorboard",
            "--logdir",
            "{folder}",
            "--port",
            "{port}",
            "--samples_per_plugin=scalars=1000000",
        ],
        "/data/plugin/scalars/scalars?run=.&tag=a",
    ),
    "mlflow": (
        """
import mlflow
from mlflow.entities import Metric
client = mlflow.MlflowClient("sqlite:///" + folder + "/mlflow.db")
run = client.create_run(client.create_experiment("bench")).info.run_id
for first in range(0, points, 1000):
    steps = range(first, min(first + 1000, points))
    client.log_batch(run, [Metric("a", 1.0 / (s + 1), 1_700_000_000_000 + s, s) for s in steps])
print("RUN", run)
""",
        [
            *("mlflow", "server", "--backend-store-uri", "sqlite:///{folder}/mlflow.db"),
            *("--port", "{port}", "--workers", "1"),
        ],
        (
            "/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval"
            "?run_ids={run}&metric_key=a&max_results=1000"
        ),
    ),
}
