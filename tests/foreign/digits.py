"""What the scripts share: the digits of scikit-learn, and packing a log into one small file."""

import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
LOGS = HERE.parents[1] / "crates" / "diagnose" / "tests" / "foreign"


def digits(scale=1.0, train=1400):
    """Images of 64 pixels in [0, scale] and their labels: for training, and held out."""
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(y))
    x, y = x[order].astype("float32") / 16.0 * scale, y[order].astype("int64")
    return (x[:train], y[:train]), (x[1400:], y[1400:])


def batches(x, y, size, steps, seed=0):
    """Shuffled batches."""
    random = np.random.default_rng(seed)
    for step in range(steps):
        chosen = random.integers(0, len(y), size)
        yield step, x[chosen], y[chosen]


def pack(name, log):
    """Writes what `log(folder)` logs as one file `name`.zip, with dates that do not change."""
    with tempfile.TemporaryDirectory() as folder:
        log(folder)
        files = sorted(path for path in Path(folder).rglob("*") if path.is_file())
        with zipfile.ZipFile(LOGS / f"{name}.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for path in files:
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), (2026, 1, 1, 0, 0, 0))
                archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, 9)
    print(f"{name}: {(LOGS / name).with_suffix('.zip').stat().st_size / 1000:.0f} KB")


def main(cases):
    """Packs the cases that are named on the command line, or all."""
    wanted = sys.argv[1:]
    for name, log in cases.items():
        if not wanted or name in wanted:
            pack(name, log)
