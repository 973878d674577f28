"""Tables as other people write them: read as pandas reads them, told how, or refused at the right line."""

from __future__ import annotations

import gzip
import io
import json

import numpy as np
import pandas as pd
import pytest

from mixtura.reading.sources import read
from mixtura.reading.tables import read_chunks

RNG = np.random.default_rng(17)
N = 25
SIZE, PRICE = RNG.normal(20, 4, N).round(2), RNG.gamma(3, 400, N).round(2)
FRAME = pd.DataFrame({"size": SIZE, "price": PRICE, "town": [f"Köln {i % 3}" for i in range(N)]})
ID = pd.DataFrame({"CustomerID": np.arange(1, N + 1), "size": SIZE, "price": PRICE})


def csv(frame=FRAME, **how):
    return frame.to_csv(index=False, **how)


def savetxt(**how):
    np.savetxt(to := io.BytesIO(), FRAME[["size", "price"]], **how)
    return to.getvalue().decode()


def write_table(rows=FRAME, sep=" ", dec=".", quote='"', first=1):
    """As R's write.table writes a data frame: names of rows, and none for their column."""

    def cells(row):
        return [quote + v + quote if isinstance(v, str) else str(v).replace(".", dec) for v in row]

    lines = [sep.join(f"{quote}{name}{quote}" for name in rows.columns)]
    lines += [
        sep.join([f"{quote}{i}{quote}", *cells(row)]) for i, row in enumerate(rows.itertuples(index=False), first)
    ]
    return "\n".join(lines) + "\n"


def fixed():
    return "  size   price\n" + "".join(f"{a:8.2f} {b:9.2f}  \n" for a, b in zip(SIZE, PRICE, strict=True))


def spelled(how, sep=";", end="\n"):
    return (
        sep.join(["size", "price"])
        + end
        + end.join(f"{a}{sep}{how(b)}" for a, b in zip(SIZE, PRICE, strict=True))
        + end
    )


def swapped(value, groups="."):
    """Thousands in groups, decimals after a comma."""
    return f"{value:,.2f}".replace(",", "_").replace(".", ",").replace("_", groups)


def quoted(value):
    return f'"{value}"'


PLAIN, COMMAS = {}, {"sep": ";", "decimal": ","}
FILES = {
    # encodings
    "UTF-8": (csv(), PLAIN),
    "UTF-8 with a mark": (csv().encode("utf-8-sig"), PLAIN),
    "UTF-16": (csv().encode("utf-16"), {"encoding": "utf-16"}),
    "UTF-16, big end first": (b"\xfe\xff" + csv().encode("utf-16-be"), {"encoding": "utf-16"}),
    "UTF-16 without a mark": (csv().encode("utf-16-le"), {"encoding": "utf-16-le"}),
    "UTF-32": (csv().encode("utf-32"), {"encoding": "utf-32"}),
    "Latin-1": (csv().encode("latin-1"), {"encoding": "latin-1"}),
    "cp1252": (csv().replace("Köln", "50 €").encode("cp1252"), {"encoding": "cp1252"}),
    "compressed": (gzip.compress(csv().encode()), {"compression": "gzip"}),
    "compressed UTF-16": (gzip.compress(csv().encode("utf-16")), {"compression": "gzip", "encoding": "utf-16"}),
    # separators and ends of lines
    "semicolons": (csv(sep=";"), {"sep": ";"}),
    "tabs": (csv(sep="\t"), {"sep": "\t"}),
    "tabs, blanks within": (
        csv(FRAME.rename(columns={"town": "my town"}), sep="\t"), {"sep": "\t"},
    ),
    "bars": (csv(sep="|"), {"sep": "|"}),
    "blanks": (savetxt(header="size price", comments=""), {"sep": r"\s+"}),
    "columns of fixed width": (fixed(), {"sep": r"\s+"}),
    "one and two tabs": (csv(FRAME[["size", "price"]], sep="\t").replace("1\t", "1\t\t"), {"sep": r"\s+"}),
    "a blank after each comma": (csv().replace(",", ", "), {"skipinitialspace": True}),
    "Windows lines": (csv(lineterminator="\r\n"), PLAIN),
    "old Mac lines": (csv(lineterminator="\r"), PLAIN),
    "no end of the last line": (csv().rstrip(), PLAIN),
    "blank lines at the end": (csv() + "\n\n   \n\n", PLAIN),
    "rows without cells at the end": (csv() + ",,\n,,\n", {"skipfooter": 2, "engine": "python"}),
    "a separator at each end": (csv().replace("\n", ",\n"), PLAIN),
    "a separator at the end of records": (csv().replace("\n", ",\n").replace(",\n", "\n", 1), {"index_col": False}),
    "Excel says what separates": ("sep=;\n" + csv(sep=";"), {"sep": ";", "skiprows": 1}),
    "all quoted": (csv(quoting=1), PLAIN),
    "lines within quotes": (csv(FRAME.assign(town='a, "b"\nc; d')), PLAIN),
    "a quote within": (csv(FRAME.assign(town='5" wide'), quoting=3, quotechar="'"), {"quoting": 3}),
    # headers, comments, names of rows
    "np.savetxt": (savetxt(), {"sep": " ", "header": None, "names": ["x0", "x1"]}),
    "np.savetxt, header": (savetxt(header="size price"), {"sep": " ", "comment": "#", "names": ["size", "price"]}),
    "np.savetxt, commas above": (
        savetxt(header="size,price"), {"sep": " ", "comment": "#", "names": ["size", "price"]},
    ),
    "np.savetxt, all commas": (
        savetxt(header="size,price", delimiter=","), {"comment": "#", "names": ["size", "price"]},
    ),
    "np.savetxt, lines above": (
        savetxt(header="made on Monday\nsize price"), {"sep": " ", "comment": "#", "names": ["size", "price"]},
    ),
    "comments above and among": ("# of 2020, by us\n" + csv().replace("\n", "\n# so, it, is\n", 9), {"comment": "#"}),
    "a column called #": (csv(FRAME.assign(town="x"), columns=["price", "size"]).replace("price", "#", 1), PLAIN),
    "no header": (csv(FRAME[["size", "price"]], header=False), {"header": None, "names": ["x0", "x1"]}),
    "no header, a class": (csv(header=False), {"header": None, "names": ["x0", "x1", "x2"]}),
    "no header, decimal commas": (
        csv(FRAME[["size", "price"]], header=False, sep=" ", decimal=","),
        {"header": None, "names": ["x0", "x1"], "sep": " ", "decimal": ","},
    ),
    "R's write.table": (write_table(), {"sep": " "}),
    "R's write.table, tabs, no quotes": (write_table(sep="\t", quote=""), {"sep": "\t"}),
    "R's write.table of one column": (write_table(FRAME[["price"]]), {"sep": " "}),
    "R's write.table of a part": (write_table(first=7), {"sep": " "}),
    "R's write.csv": ('"",' + csv(quoting=2).replace("\n", '\n"1",')[: -len('"1",')], {"index_col": 0}),
    "R's write.csv2": (
        '"";' + csv(sep=";", decimal=",").replace("\n", '\n"1";')[: -len('"1";')], {**COMMAS, "index_col": 0},
    ),
    # decimals
    "decimal commas, semicolons": (csv(**COMMAS), COMMAS),
    "decimal commas, tabs": (csv(sep="\t", decimal=","), {"sep": "\t", "decimal": ","}),
    "decimal commas, commas": (csv(decimal=",", quoting=1), {"decimal": ","}),
    "exponents": (savetxt(fmt="%.8e", delimiter=";"), {"sep": ";", "header": None, "names": ["x0", "x1"]}),
}  # fmt: skip


@pytest.fixture
def table(tmp_path):
    def write(content, name="table.csv"):
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path / name

    return write


@pytest.mark.parametrize("case", FILES)
@pytest.mark.parametrize("block", [1 << 20, 300], ids=["whole", "in blocks"])
def test_read_as_pandas_reads(case, block, table, monkeypatch):
    monkeypatch.setattr("mixtura.reading.tables.BLOCK", block)
    content, how = FILES[case]
    path = table(content)
    expected = pd.read_csv(path, **how)
    expected = expected.select_dtypes("number").dropna(axis=1, how="all")
    found = read(path)
    assert found.names == tuple(map(str, expected.columns))
    np.testing.assert_array_equal(found.values.reshape(len(expected), -1), expected)


MONEY = {
    "dollars": (lambda v: quoted(f"${v:,.2f}"), "$"),
    "dollars owed": (lambda v: quoted(f"-${v:,.2f}"), "$"),
    "in brackets": (lambda v: quoted(f"(${v:,.2f})"), "$"),
    "in brackets after the sign": (lambda v: quoted(f"$({v:,.2f})"), "$"),
    "pounds": (lambda v: f"£{v:.2f}", "£"),
    "yen": (lambda v: f"¥ {v:.2f}", "¥"),
    "rupees": (lambda v: f"₹{v:,.2f}", "₹"),
    "US dollars": (lambda v: f"US${v:.2f}", "US$"),
    "a code": (lambda v: f"USD {v:,.2f}", "USD"),
    "a code after": (lambda v: f"{v:.2f} CHF", "CHF"),
    "euros": (lambda v: f"{swapped(v)} €", "€"),
    "kroner": (lambda v: f"{swapped(v, ' ')} kr", "kr"),
    "zloty": (lambda v: f"{swapped(v, chr(0xA0))} zł", "zł"),
    "reais": (lambda v: f"R$ {swapped(v)}", "R$"),
    "per cent": (lambda v: f"{v}%", "%"),
    "per cent, with a blank": (lambda v: f"{v:.2f} %".replace(".", ","), "%"),
    "thousands": (lambda v: f"{v:,.2f}", ""),
    "thousands, blanks": (lambda v: swapped(v, " "), ""),
    "thousands, no-break blanks": (lambda v: swapped(v, "\N{NO-BREAK SPACE}"), ""),
    "thousands, narrow blanks": (lambda v: swapped(v, "\N{NARROW NO-BREAK SPACE}"), ""),
    "thousands, points": (swapped, ""),
    "thousands, Swiss": (lambda v: f"{v:,.2f}".replace(",", "'"), ""),
    "thousands, Swiss, typeset": (lambda v: f"{v:,.2f}".replace(",", "’"), ""),
}


@pytest.mark.parametrize("case", MONEY)
@pytest.mark.parametrize("block", [1 << 20, 300], ids=["whole", "in blocks"])
def test_amounts_are_numbers(case, block, table, monkeypatch):
    monkeypatch.setattr("mixtura.reading.tables.BLOCK", block)
    how, unit = MONEY[case]
    sign = -1 if case in ("dollars owed", "in brackets", "in brackets after the sign") else 1
    for end in ("\n", "\r\n"):
        part = next(read_chunks(str(table(spelled(how, end=end)))))
        assert part.names == ("size", "price")
        assert unit in part.said
        assert " as " in part.said
        found = read(table(spelled(how, end=end)))
        np.testing.assert_array_equal(found.values, np.column_stack([SIZE, sign * PRICE]))


def test_the_issues_own(table):
    found = read(table("a,b\n1,$2\n2,$3"))
    assert found.names == ("a", "b")
    np.testing.assert_array_equal(found.values, [[1, 2], [2, 3]])
    assert found.said == "columns: a, b ($2 as 2)"
    found = read(table('name,paid,share,many\nx,"$1,200.50",12.5%,"1 234,5"\ny,$3,7%,"2 000,25"\n'))
    np.testing.assert_array_equal(found.values, [[1200.5, 12.5, 1234.5], [3, 7, 2000.25]])
    assert "left out: name (text)" in found.said


def test_a_group_of_three_may_be_decimals(table):
    """What the other columns and the separator say decides, and the line says how it was read."""
    assert read(table('a,b\n"1,234",1.5\n"5,678",2.5\n')).values[0, 0] == 1234
    assert read(table("a;b\n1,234;1,5\n5,678;2,5\n")).values[0, 0] == 1.234
    assert read(table("a;b\n1.234;1,5\n5.678;2,5\n")).values[0, 0] == 1234
    assert read(table("a;b\n1,234;1.5\n5,678;2.5\n")).values[0, 0] == 1234
    found = read(table("a\tb\n0,123\t1\n5,678\t2\n"))
    assert found.values[0, 0] == 0.123
    assert "0,123 as 0.123" in found.said
    assert read(table('a,b\n"1,23,456",1\n"12,34,567.5",2\n')).values[:, 0].tolist() == [123456, 1234567.5]


IDENTIFIERS = {
    "customers": ID,
    "from 0": ID.assign(CustomerID=ID.CustomerID - 1),
    "far up": ID.assign(CustomerID=ID.CustomerID + 10**6),
    "by tens": ID.assign(CustomerID=ID.CustomerID * 10),
    "in another order": ID.sample(frac=1, random_state=1),
    "downwards": ID[::-1],
    "last": ID[["size", "price", "CustomerID"]],
}


@pytest.mark.parametrize("case", IDENTIFIERS)
@pytest.mark.parametrize("kind", ["csv", "tsv", "parquet"])
def test_identifiers_are_left_out_and_said(case, kind, tmp_path):
    frame, path = IDENTIFIERS[case], tmp_path / f"people.{kind}"
    if kind == "parquet":
        frame.to_parquet(path, index=False)
    else:
        frame.to_csv(path, index=False, sep="," if kind == "csv" else "\t")
    found = read(path)
    assert found.names == ("size", "price")
    np.testing.assert_array_equal(found.values, frame[["size", "price"]])
    assert found.said.startswith("columns: size, price; left out: CustomerID (an identifier")
    assert "--columns" in found.said
    assert read(path, ["CustomerID", "size"]).names == ("CustomerID", "size")
    assert read(path, ["CustomerID", "size"]).said == ""


def test_no_header_and_an_identifier(table):
    """As UCI's glass.data."""
    found = read(table(csv(ID, header=False)))
    assert found.names == ("x1", "x2")
    assert "x0 (an identifier, from 1 on)" in found.said


ORDINARY = {
    "alone": ID[["CustomerID"]],
    "alone but for text": ID[["CustomerID"]].assign(kind="a"),
    "all": pd.DataFrame({"x": np.arange(30), "y": 2 * np.arange(30)}),
    "few rows": ID[:5],
    "sorted floats": pd.DataFrame({"a": np.sort(RNG.normal(size=100)), "b": RNG.normal(size=100)}),
    "an even grid of floats": pd.DataFrame({"a": np.linspace(0, 10, 21), "b": RNG.normal(size=21)}),
    "seconds": pd.DataFrame({"a": np.arange(0, 30.0), "b": RNG.normal(size=30)}),
    "counts": pd.DataFrame({"a": RNG.poisson(100, 60), "b": RNG.normal(size=60)}),
    "twice each": pd.DataFrame({"a": np.repeat(np.arange(30), 2), "b": RNG.normal(size=60)}),
    "one is missing": pd.DataFrame({"a": np.delete(np.arange(60), 30), "b": RNG.normal(size=59)}),
}


@pytest.mark.parametrize("case", ORDINARY)
def test_ordinary_columns_are_all_used(case, table):
    frame = ORDINARY[case]
    found = read(table(csv(frame)))
    numbers = frame.select_dtypes("number")
    assert found.names == tuple(numbers.columns)
    np.testing.assert_array_equal(found.values.reshape(len(frame), -1), numbers)
    assert "identifier" not in found.said


MARKERS = ["", "NA", "n/a", "NaN", "null", "NULL", "None", "?", "-", ".", "#N/A", "<NA>"]


@pytest.mark.parametrize("marker", MARKERS)
@pytest.mark.parametrize("separator", [",", "\t", ";"])
@pytest.mark.parametrize("block", [1 << 20, 200], ids=["whole", "in blocks"])
def test_missing_values(marker, separator, block, table, monkeypatch):
    monkeypatch.setattr("mixtura.reading.tables.BLOCK", block)
    frame = FRAME[["size", "price"]].mask(RNG.random((N, 2)) < 0.2)
    frame.iloc[-1], frame.iloc[5, 0] = (1.5, 2.5), np.nan
    path = table(csv(frame, na_rep=marker, sep=separator))
    np.testing.assert_array_equal(read(path, missing="drop").values, frame)
    row = int(np.flatnonzero(frame["size"].isna())[0])
    with pytest.raises(
        ValueError, match=rf"column '(size|price)' has .* first in line \d+ \('{marker}'\)".replace("?", r"\?")
    ) as said:
        read(path)
    if "'size'" in str(said.value):
        assert f"line {row + 2} " in str(said.value)


REFUSED = {
    "ragged": ("a,b\n1,2\n3,4,5\n", "table.csv, line 3: 3 fields where the first row has 2"),
    "ragged after comments": ("# x\n# y\n\na,b\n1,2\n# z\n3\n", "line 7: 1 field where the first row has 2"),
    "ragged blanks": ("a b\n1 2\n\n3 4\n5 6 7\n", "line 5: 3 fields where the first row has 2"),
    "ragged, Windows lines": ("a;b\r\n1;2\r\n3\r\n", "line 3: 1 field"),
    "decimal commas between commas": ("a\n1,5\n2,5\n", "line 2: 2 fields where the first row has 1"),
    "a title above": ("Sales of 2020\n\nsize,price\n1,2\n3,4\n", "line 3: 2 fields where the first row has 1"),
    "a total below": ("name,a\nx,1\ny,2\nTotal,three\n", "line 4: column 'a' holds 'three', not a number"),
    "two currencies": ("a,b\n1,$5\n2,$6\n3,€7\n", "line 4: column 'b' holds '€7', not a number like .* in \\$"),
    "per cent and not": ("a,b\n1,5%\n2,6%\n3,0.07\n", "line 4: column 'b' holds '0.07', not a number like .* in %"),
    "two kinds of decimals": ("a;b\n1;1,5\n2;2,5\n3;3.5\n", "line 4: column 'b' holds '3.5', not a number like"),
    "a unit": ("a,b\n1,2\n3,4\n5,6 kg\n", "line 4: column 'b' holds '6 kg', not a number$"),
    "infinite": ("a,b\n1,2\n3,inf\n", "column 'b' has 1 missing or infinite value, the first in line 3"),
    "twice a name": ("a,b,a\n1,2,3\n", "column 'a' is there twice"),
    "a header alone": ("a,b\n", "table.csv has a header but no rows"),
    "comments alone": ("# a,b\n", "table.csv is empty"),
    "no bytes of a text": (b"a,b\n1,\x002\n", "not a text table: it holds bytes that no text does"),
    "no character of a text": ("a,b\n1,2\n\0,4\n".encode("utf-16"), "not a text table: it holds bytes that no"),
    "half of UTF-16": ("a,b\n1,2\n".encode("utf-16")[:-1], "not a text table in utf-16"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refused_at_the_right_line(case, table):
    content, message = REFUSED[case]
    with pytest.raises(ValueError, match=message) as caught:
        read(table(content))
    assert "\n" not in str(caught.value)


def archive(**files):
    import zipfile

    with zipfile.ZipFile(to := io.BytesIO(), "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return to.getvalue()


def stata():
    pd.DataFrame({"a": [1.0]}).to_stata(to := io.BytesIO(), version=118)
    return to.getvalue()


def old_stata():
    pd.DataFrame({"a": [1.0]}).to_stata(to := io.BytesIO(), version=114)
    return to.getvalue()


FOREIGN = {
    "a.xlsx": (archive(**{"[Content_Types].xml": "<x/>"}), "an Excel workbook: save it as CSV, .* pandas.read_excel"),
    "a.xls": (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(500), "an Excel workbook: save it as CSV"),
    "a.ods": (archive(mimetype="application/vnd.oasis.opendocument.spreadsheet"), "an OpenDocument spreadsheet"),
    "a.json": ('{"a": [1, 2]}', "JSON: .* pandas.read_json"),
    "records.txt": ('[{"a": 1}, {"a": 2}]', "JSON"),
    "a.dta": (stata(), "a Stata file: .* pandas.read_stata"),
    "old.dta": (old_stata(), "a Stata file"),
    "a.sav": (b"$FL2@(#) SPSS DATA FILE" + bytes(200), "an SPSS file: .* pandas.read_spss"),
    "a.rds": (gzip.compress(b"X\n\x00\x00\x00\x03" + bytes(50)), "an R object: in R, write.csv"),
    "a.RData": (gzip.compress(b"RDX3\nX\n" + bytes(50)), "an R workspace: in R, write.csv"),
    "a.fits": (b"SIMPLE  =                    T" + b" " * 2850, "a FITS file: in Python, astropy"),
    "a.zip": (archive(a__csv="a\n1\n"), "a zip archive: unpack it first"),
    "a.npz": (archive(a__npy=b"\x93NUMPY"), "an archive of arrays: save one array"),
    "a.csv.bz2": (b"BZh91AY&SY" + bytes(30), "a compressed file .bzip2.: unpack it"),
    "a.html": ("<!DOCTYPE html><table></table>", "HTML or XML"),
    "a.h5": (b"\x89HDF\r\n\x1a\n" + bytes(90), "an HDF5 or netCDF file"),
    "a.arff": ("% x\n@relation iris\n@attribute a numeric\n@data\n1\n", "an ARFF file"),
    "a.pkl": (b"\x80\x04\x95\x10" + bytes(20), "a pickle"),
    "a.csv": (b"\x93NUMPY\x01\x00" + bytes(90), "a .npy file: give it a name that ends in .npy"),
    "a.png": (b"\x89PNG\r\n\x1a\n" + bytes(90), "a PNG picture: besides text, .npy and .parquet files are read"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_other_kinds_of_files_get_one_sentence(name, table):
    content, message = FOREIGN[name]
    with pytest.raises(ValueError, match=f"^{name} is not a text table: it is {message}") as caught:
        read(table(content, name))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("library", ["pandas", "pandas, objects", "polars"])
def test_amounts_in_a_data_frame(library):
    """As pandas.read_csv leaves them: text."""
    import polars as pl

    from mixtura.reading.data import points

    cells = {"paid": ["$1,200.50", "$3", "($7)"], "share": ["12.5%", "7%", "1%"], "many": ["1.234,5", "2,25", "3"]}
    frame = (
        pl.DataFrame(cells) if library == "polars" else pd.DataFrame(cells, dtype=object if "," in library else "str")
    )
    np.testing.assert_array_equal(points(frame).x, [[1200.5, 12.5, 1234.5], [3, 7, 2.25], [-7, 1, 3]])
    np.testing.assert_array_equal(points(frame["paid"]).x, [1200.5, 3, -7])
    for bad in (["$1", "€2", "$3"], ["5%", ".05", "6%"], ["$1", "two", "$3"]):
        frame = pd.DataFrame({"a": [1.0, 2.0, 4.0], "b": bad})
        with pytest.raises(
            TypeError, match=r"column 'b' must hold numbers; row 0 holds .* choose columns of numbers, here a"
        ):
            points(frame)
    with pytest.raises(ValueError, match=r"column 'b' has 1 of 3 values NaN"):
        points(pd.DataFrame({"a": [1.0, 2.0, 4.0], "b": ["$1", None, "$3"]}))


def test_an_identifier_in_a_data_frame_is_modelled_and_said():
    import mixtura as mx

    options = {"draws": 30, "warmup": 30, "chains": 2, "seed": 1, "progress": False}
    model = mx.GaussianMixture(n_components=1)
    said = [warning for warning in model.sample(ID, **options).warnings if warning.startswith("identifiers")]
    assert said == [
        "identifiers: 'CustomerID' (from 1 to 25) number the rows evenly, each once: leave them out unless they "
        "measure something."
    ]
    for frame in (ID[["size", "price"]], ID[["CustomerID"]]):
        assert not any("identifiers" in warning for warning in model.sample(frame, **options).warnings)


def test_the_command_says_which_columns(table, tmp_path, monkeypatch):
    from typer.testing import CliRunner

    import mixtura as mx
    from mixtura.cli import app

    def run(*words):
        result = CliRunner().invoke(app, list(map(str, words)))
        assert result.exit_code == 0, result.output
        return result

    monkeypatch.chdir(tmp_path)
    lines = [
        f"{i};Köln;{swapped(b)} €;{a}".replace(".", ",", 0)
        for i, a, b in zip(range(1, N + 1), SIZE, PRICE, strict=True)
    ]
    table("\n".join(["CustomerID;town;price;size", *lines, ""]))
    short = ["-k", 1, "--draws", 30, "--warmup", 30, "--chains", 2, "--seed", 1]
    line = (
        f"columns: price ({swapped(PRICE[0])} € as {PRICE[0]:g}), size; left out: CustomerID (an identifier, from "
        "1 on), town (text); --columns takes an identifier, too"
    )
    assert line in run("fit", "table.csv", *short, "--out", "fit.nc").stdout.splitlines()
    assert line in run("show", "fit.nc").stdout.splitlines()
    assert json.loads(run("show", "fit.nc", "--json").stdout)["columns"] == line
    fit = mx.load("fit.nc")
    assert fit.features == ("price", "size")
    assert fit.columns_said == line
    assert line in repr(fit)
    chosen = run("fit", "table.csv", *short, "--columns", "CustomerID,size").stdout
    assert "2 features" in chosen
    assert "columns:" not in chosen
    run("predict", "fit.nc", "table.csv")
    written = pd.read_csv("table-predicted.csv", sep=";")
    assert list(written.columns[:4]) == ["CustomerID", "town", "price", "size"]
    assert len(written) == N
    np.testing.assert_allclose(
        written["probability_0"], fit.predict_proba(np.column_stack([PRICE, SIZE]))[:, 0], atol=1e-5
    )
    run("fit", "table.csv", *short, "--report", "report.html")


AUGMENTED = (
    "UTF-16", "compressed UTF-16", "R's write.table", "np.savetxt, commas above", "old Mac lines", "no header, a class",
    "comments above and among", "rows without cells at the end", "columns of fixed width",
)  # fmt: skip


@pytest.mark.parametrize("case", AUGMENTED)
def test_predict_keeps_the_rows(case, table, tmp_path):
    import mixtura as mx
    from mixtura.augment import augment

    x = FRAME[["size", "price"]]
    fit = mx.GaussianMixture(n_components=1).sample(x, draws=20, warmup=20, chains=1, seed=1, progress=False)
    path = table(FILES[case][0])
    found = next(read_chunks(str(path)))
    if found.names != fit.features:
        fit = mx.GaussianMixture(n_components=1).sample(
            x.to_numpy(), draws=20, warmup=20, chains=1, seed=1, progress=False
        )
    assert augment(fit, str(path), tmp_path / "out.csv") == N
    again = read(tmp_path / "out.csv", list(found.names))
    np.testing.assert_array_equal(again.values, x)
    lines = (tmp_path / "out.csv").read_text().splitlines()
    assert len(lines) == N + 1
    assert "probability_0" in lines[0]


def test_a_file_called_as_standard_input_is(tmp_path, monkeypatch):
    import io
    import sys
    from pathlib import Path

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.StringIO("b\n7\n8\n"))
    Path("-").write_text("a\n1\n2\n")
    for source in (Path("-"), "./-", "."):
        np.testing.assert_array_equal(read(source).values, [1, 2])
    np.testing.assert_array_equal(read("-").values, [7, 8])
    Path("-").unlink()
    Path("-").mkdir()
    monkeypatch.setattr(sys, "stdin", io.StringIO("b\n7\n8\n"))
    np.testing.assert_array_equal(read("-").values, [7, 8])


def test_predict_reads_parquet_group_after_group(tmp_path, monkeypatch):
    import pyarrow.parquet as pq

    import mixtura as mx
    from mixtura import augment

    frame = FRAME.set_index(pd.Index(np.arange(N)[::-1], name="row"))
    frame.to_parquet(tmp_path / "a.parquet", row_group_size=4)
    fit = mx.GaussianMixture(n_components=2).sample(
        frame[["size", "price"]], draws=20, warmup=20, chains=1, seed=1, progress=False
    )
    monkeypatch.setattr(augment, "AT_ONCE", 7)
    monkeypatch.setattr(pd, "read_parquet", None)
    assert augment.augment(fit, str(tmp_path / "a.parquet"), tmp_path / "out.parquet") == N
    found = pq.read_table(tmp_path / "out.parquet").to_pandas()
    pd.testing.assert_frame_equal(found[frame.columns], frame)
    np.testing.assert_array_equal(found["probability_1"], fit.predict_proba(frame)[:, 1])
    with pytest.raises(ValueError, match=r"out.parquet has a column 'label' already"):
        augment.augment(fit, str(tmp_path / "out.parquet"), tmp_path / "again.parquet")


def test_ordinary_tables_need_no_pandas(table):
    import subprocess
    import sys

    paths = [str(table(content, f"{i}.csv")) for i, (content, _) in enumerate(FILES.values())]
    code = (
        "import sys\nfrom mixtura.reading.sources import read\n"
        f"for path in {paths!r}: read(path)\n"
        "print(sorted({'pandas', 'polars', 'narwhals', 'scipy', 'pyarrow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
