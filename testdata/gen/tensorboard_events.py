#!/usr/bin/env python3
"""Event files by TensorBoard's own code, and what it reads from those of others.

    python tensorboard_events.py ../tensorboard/events.bin     writes the file that internal/tfevent's test compares with
    python tensorboard_events.py --read FOLDER                 prints scalars and histograms of a folder as JSON
"""
import json
import sys

from tensorboard.backend.event_processing import event_accumulator
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

VALUES = [-1.0, -0.5, 0.25, 0.25, 2.0]


def histogram(values, buckets=30):
    lo, hi = min(values), max(values)
    width = (hi - lo) / buckets
    limits = [lo + (i + 1) * width for i in range(buckets)]
    limits[-1] = hi
    counts = [0.0] * buckets
    for v in values:
        counts[min(int((v - lo) / width), buckets - 1)] += 1
    return summary_pb2.HistogramProto(min=lo, max=hi, num=len(values), sum=sum(values), sum_squares=sum(v * v for v in values),
                                      bucket_limit=limits, bucket=counts)


def write(path):
    value = summary_pb2.Summary.Value
    events = [
        event_pb2.Event(wall_time=1.5, file_version="brain.Event:2"),
        event_pb2.Event(wall_time=1.5, step=3, session_log=event_pb2.SessionLog(status=event_pb2.SessionLog.START)),
        event_pb2.Event(wall_time=1.5, summary=summary_pb2.Summary(value=[value(tag="epoch_loss", simple_value=0.75)])),
        event_pb2.Event(wall_time=1.5, step=300, summary=summary_pb2.Summary(value=[value(tag="epoch_loss", simple_value=float("nan"))])),
        event_pb2.Event(wall_time=1.5, step=1, summary=summary_pb2.Summary(value=[value(tag="dense/kernel/histogram", histo=histogram(VALUES))])),
    ]
    with open(path, "wb") as f:
        w = RecordWriter(f)
        for e in events:
            w.write(e.SerializeToString())


def read(folder):
    a = event_accumulator.EventAccumulator(folder, size_guidance={event_accumulator.HISTOGRAMS: 0, event_accumulator.SCALARS: 0})
    a.Reload()
    tags = a.Tags()
    json.dump({
        "scalars": {t: [(e.step, e.value) for e in a.Scalars(t)] for t in tags["scalars"]},
        "histograms": {t: [(e.step, e.histogram_value.num, e.histogram_value.min, e.histogram_value.max) for e in a.Histograms(t)] for t in tags["histograms"]},
    }, sys.stdout, indent=1)
    print()


if sys.argv[1] == "--read":
    read(sys.argv[2])
else:
    write(sys.argv[1])
