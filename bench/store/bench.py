#!/usr/bin/env python3
"""Times a full load of five log directories: headwater-events against TensorBoard's own data server.

    pip install -r bench/store/requirements.txt
    cargo build --release -p headwater-events --examples
    target/release/examples/logs LOGS          # makes the log directories, 1 GB
    bench/store/bench.py LOGS [ROUNDS] [--load PATH]

Each round runs every program once on every log directory, in turn, so that whatever else the machine does meets all of
them alike. The time is what the program itself reports for the load (the server's "Finished load" line; ours
from opening the store to the last byte); memory is the peak of the process. Medians over the rounds are printed, and
the ratio of the server's to ours: above 1, ours is faster or smaller. The server keeps 1,000 scalars and 500
histograms a series; ours keeps all scalars. Ours always checks checksums; the server by default does not.
"""

import argparse
import os
import pathlib
import re
import statistics
import subprocess
import sys
import threading

import tensorboard_data_server

ROOT = pathlib.Path(__file__).parents[2]
LOGS = ["a", "a1", "b", "c", "d"]
UNITS = {"s": 1, "ms": 1e-3, "µs": 1e-6}


def server(logs, *flags):
    command = [tensorboard_data_server.server_binary(), "--logdir", logs, "--reload", "once", "--port", "0", *flags]
    # The server serves after the load until it is ended.
    process = subprocess.Popen([*command, "-v"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if finished := re.search(r"Finished load cycle \(([\d.]+)(s|ms|µs)\)", line):
            seconds = float(finished[1]) * UNITS[finished[2]]
            break
    else:
        sys.exit(f"{command} ended before it had loaded")
    drain = threading.Thread(target=process.stderr.read)
    drain.start()
    process.terminate()
    return seconds, end(process)


def ours(load):
    def run(logs):
        process = subprocess.Popen([load, logs], stdout=subprocess.PIPE, text=True)
        said = process.stdout.read()
        memory = end(process)
        return float(said.split()[0]), memory

    return run


def end(process):
    """Waits for the end; the peak of the resident memory in megabytes."""
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    return usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("logs", type=pathlib.Path)
    parser.add_argument("rounds", type=int, nargs="?", default=11)
    parser.add_argument("--load", default=ROOT / "target/release/examples/load")
    arguments = parser.parse_args()
    programs = {
        "server": lambda logs: server(logs),
        "server, CRC": lambda logs: server(logs, "--checksum"),
        "ours": ours(arguments.load),
    }
    found = {(log, name): [] for log in LOGS for name in programs}
    for i in range(arguments.rounds + 1):
        for log in LOGS:
            for name, run in programs.items():
                result = run(arguments.logs / log)
                # The first round warms the cache.
                if i > 0:
                    found[log, name].append(result)

    def median(log, name, what):
        return statistics.median(result[what] for result in found[log, name])

    print("| log | server | server, CRC | ours | faster | faster than CRC | server | ours | smaller |")
    print("|---|---|---|---|---|---|---|---|---|")
    for log in LOGS:
        plain, crc, own = (median(log, name, 0) for name in programs)
        memory, _, own_memory = (median(log, name, 1) for name in programs)
        times = f"{plain:.3f} s | {crc:.3f} s | {own:.3f} s | {plain / own:.1f} | {crc / own:.1f}"
        print(f"| {log} | {times} | {memory:.0f} MB | {own_memory:.0f} MB | {memory / own_memory:.1f} |")


main()
