"""Damaged files of each kind that is read: numbers that are finite, or one error of this package, in bounded memory.

A process of its own reads each kind's files, since what others wrote in C may end the process. Some dozens here; a
longer run, another seed, or one case again:
MIXTURA_FUZZ=300 MIXTURA_FUZZ_SEED=7 pytest tests/fuzz/test_files.py
MIXTURA_FUZZ_SEED=7 MIXTURA_FUZZ_CASE=123 pytest tests/fuzz/test_files.py
"""

import gzip
import os
import re
import subprocess
import sys
import warnings
from io import TextIOWrapper
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import mixtura as mx

SEED = int(os.environ.get("MIXTURA_FUZZ_SEED", 0))
CASES = int(os.environ.get("MIXTURA_FUZZ", 40))
ONE = os.environ.get("MIXTURA_FUZZ_CASE")
KINDS = (
    "data.csv", "data.csv.gz", "data.tsv", "blanks.txt", "money.csv", "wide.csv", "single.npy", "data.npy",
    "data.parquet", "column.nc", "rows.nc",
)  # fmt: skip
WAYS = ("alone", "in a folder", "standard input", "predict")  # how a table gets here
TABLES = [
    (kind, way)
    for kind in KINDS
    for way in WAYS
    if not kind.endswith(".nc")
    and not (kind.endswith((".npy", ".parquet")) and way == "standard input")
    and not (kind.endswith(".npy") and way == "predict")
]
MEMORY = 500  # MB that reading a damaged file of a few kB may take more than the process has
NUMBERS = (np.nan, np.inf, -np.inf, -1, 0, 7, 1e308, 1e-320, 1e150, 1e-150)
ATTRIBUTES = (
    np.nan,
    np.inf,
    "abc",
    "",
    -1,
    10**9,
    2**62,
    [1, 2],
    ["a", "b"],
    np.zeros((2, 2)),
    "é\n\x1b[31m",
    "[" * 5000,
)
SECONDS = 20  # to a case
READER = """
import resource, signal, sys, warnings
from pathlib import Path
import numpy as np
sys.path.insert(0, {tests!r})
from test_files import check_file, fit_of
warnings.simplefilter("error")
warnings.filterwarnings("ignore", category=DeprecationWarning)
fit = fit_of({way!r})
check_file(Path({sound!r}), 0, {way!r}, fit)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for path in map(Path, {paths!r}):
    print("reading", path.name, flush=True)
    signal.alarm({seconds})
    check_file(path, 1, {way!r}, fit)
    used = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert used < {memory}, f"{{used:.0f}} MB"
print("done")
"""


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A file of each kind."""
    folder, rng = tmp_path_factory.mktemp("sound"), np.random.default_rng(1)
    rows = np.vstack([rng.normal(size=(30, 2)), rng.normal(8, 1, (30, 2))])
    frame = pd.DataFrame(rows, columns=["a", "b"])
    frame.assign(name='x "y", z').to_csv(folder / "data.csv", index=False)
    frame.round(2).to_csv(folder / "data.tsv", index=False, sep="\t")
    np.savetxt(folder / "blanks.txt", rows, header="made on Monday\na,b")
    (folder / "money.csv").write_text("a;b\n" + "".join(f"{a:.1f} €;{b:.2f}%\n".replace(".", ",") for a, b in rows))
    (folder / "wide.csv").write_bytes(frame.assign(name="ö").to_csv(index=False).encode("utf-16"))
    (folder / "data.csv.gz").write_bytes(gzip.compress((folder / "data.csv").read_bytes()))
    frame.assign(name="x", n=np.arange(60)).to_parquet(folder / "data.parquet")
    np.save(folder / "data.npy", rows)
    np.save(folder / "single.npy", rows.astype(np.float32))
    options = {"draws": 10, "warmup": 10, "chains": 2, "seed": 1, "progress": False}
    mx.GaussianMixture(n_components=2).sample(rows[:, 0], **options).save(folder / "column.nc")
    mx.GaussianMixture(n_components=2).sample(frame, **options).save(folder / "rows.nc")
    return folder


@pytest.mark.parametrize(("kind", "way"), [(kind, "alone") for kind in KINDS if kind.endswith(".nc")] + TABLES)
def test_damaged_files(kind, way, sound, tmp_path):
    content, paths = (sound / kind).read_bytes(), []
    for case in [int(ONE)] if ONE else range(CASES):
        rng = np.random.default_rng([SEED, case, KINDS.index(kind)])
        name, _, suffix = kind.partition(".")
        folder = tmp_path / (f"{case}" if way == "in a folder" else "")
        folder.mkdir(exist_ok=True)
        paths.append(folder / f"{name}-{case}.{suffix}")
        if suffix == "nc" and case % 2:
            paths[-1].write_bytes(content)
            edit(paths[-1], rng)
        else:
            paths[-1].write_bytes(damaged(content, rng))
        if way == "in a folder":
            (folder / f"{'az'[case % 2]}.{suffix}").write_bytes(content)  # a sound one before it, or after it
    given = {
        "tests": str(Path(__file__).parent),
        "sound": str(sound / kind),
        "paths": list(map(str, paths)),
        "way": way,
    }
    script = READER.format(**given, seconds=SECONDS, memory=MEMORY)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    last = done.stdout.splitlines()[-1:]
    assert done.returncode == 0, f"seed {SEED}, {last}: status {done.returncode}\n{done.stderr[-2000:]}"
    assert last == ["done"]
    assert done.stderr == "", f"seed {SEED}: {done.stderr[:2000]}"


def damaged(content, rng):
    """Bytes changed, cut off, cut out, put in, repeated, or set to nothing."""
    for _ in range(rng.integers(1, 4)):
        n = len(content)
        i, j = np.sort(rng.integers(n + 1, size=2))
        j = min(j, i + int(rng.choice([1, 4, 64, n])))
        how = rng.integers(8)
        if how <= 2 and n:
            changed = bytearray(content)
            for place in rng.integers(n, size=rng.choice([1, 2, 8, 64])):
                changed[place] = rng.choice([0, 255, 127, 128, 44, 34, 10, int(rng.integers(256))])
            content = bytes(changed)
        elif how == 3:
            content = content[:i]
        elif how == 4:
            content = content[:i] + content[j:]
        elif how == 5:
            content = content[:i] + rng.bytes(int(rng.choice([1, 8, 100, 5000]))) + content[i:]
        elif how == 6:
            content = content[:j] + content[i:j] * int(rng.choice([1, 2, 50])) + content[j:]
        else:
            content = content[:i] + bytes([int(rng.choice([0, 255, 57]))]) * int(j - i) + content[j:]
    return content


def edit(path, rng):
    """A fit's file whole, with other numbers, shapes, kinds of numbers, attributes and priors; or without some."""
    with h5py.File(path, "r+") as file:
        for _ in range(rng.integers(1, 4)):
            group = file[str(rng.choice(["posterior", "sample_stats", "observed_data", "constant_data"]))]
            name, attribute = str(rng.choice(list(group))), str(rng.choice(list(file.attrs)))
            values, how = group[name][...], rng.integers(6)
            if how == 0:
                file.attrs[attribute] = ATTRIBUTES[rng.integers(len(ATTRIBUTES))]
            elif how == 1 and rng.random() < 0.5:
                del file.attrs[attribute]
            elif how == 2 and isinstance(file.attrs.get("model"), str):
                numbers = list(re.finditer(r"-?[0-9.]+(e-?[0-9]+)?|null", file.attrs["model"]))
                if numbers:
                    start, end = numbers[rng.integers(len(numbers))].span()
                    other = str(rng.choice(["-1", "0", "1e308", "1e-320", "NaN", "null", "1e9", "[1]", '"a"', "{}"]))
                    file.attrs["model"] = file.attrs["model"][:start] + other + file.attrs["model"][end:]
            elif how == 3 and values.size and values.dtype.kind in "if":
                at = tuple(int(rng.integers(n)) for n in values.shape)
                with np.errstate(all="ignore"), warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    values[at] = np.float64(rng.choice(NUMBERS)).astype(values.dtype)
                group[name][...] = values
            elif how == 4:
                shape = [int(rng.choice([n, 0, 1, n + 1, 2 * n, 10**8])) for n in values.shape]
                if np.prod(shape, dtype=float) < 2**59:  # beyond, HDF5 makes no file
                    del group[name]
                    group.create_dataset(name, shape, values.dtype)
            else:
                del group[name]
                if rng.random() < 0.8 and values.dtype.kind in "if":
                    with np.errstate(all="ignore"):
                        group[name] = values.astype(str(rng.choice(["f4", "i1", "i8", "S3", "c16", "?", "f2", ">f8"])))


def fit_of(way):
    """A fit that predicts, of columns a and b."""
    if way != "predict":
        return None
    rows = pd.DataFrame(np.random.default_rng(1).normal(size=(60, 2)), columns=["a", "b"])
    return mx.GaussianMixture(n_components=1).sample(rows, draws=10, warmup=10, chains=1, seed=1, progress=False)


def check_file(path, status, way="alone", fit=None):
    """What it holds is finite, or an error says in a line what is wrong; a sound file (status 0) must be read."""
    from mixtura.augment import augment
    from mixtura.reading.sources import read

    out = path.with_name(f"predicted{path.suffix}")
    try:
        if path.suffix == ".nc":
            fit = mx.load(path)
            text, params = repr(fit), fit.params()
            assert text
            assert fit.warnings is not None
            assert all(np.isfinite(block).all() for block in params[:3])
            assert np.isfinite(fit.predict_proba()).all()
        elif way == "predict":
            rows = augment(fit, str(path), out)
            shares = (
                pq.read_table(out, columns=["probability_0"])
                if path.suffix == ".parquet"
                else read(out, ["probability_0"]).values
            )
            assert len(shares) == rows
            assert np.isfinite(shares["probability_0"] if path.suffix == ".parquet" else shares).all()
            out.unlink()
        elif way == "standard input":
            with path.open("rb") as file:
                sys.stdin = TextIOWrapper(file)
                assert np.isfinite(read("-").values).all()
        else:
            found = read(path.parent if way == "in a folder" and status else path)
            assert np.isfinite(found.values).all() or path.suffix == ".npy"  # mapped: checked by whoever uses it
    except (ValueError, TypeError) as error:
        assert not out.exists()
        if not status or not is_own(error):
            raise AssertionError(f"{path.name}: {error!r}") from error


def is_own(error):
    """Whether an error comes from a `raise` of this package."""
    trace = error.__traceback__
    while trace.tb_next:
        trace = trace.tb_next
    return trace.tb_frame.f_code.co_filename.startswith(str(Path(mx.__file__).parent))
