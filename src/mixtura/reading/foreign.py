"""Files that are no text tables, told by their first bytes: what each one is, and how its numbers get here."""

from __future__ import annotations

import re
from pathlib import Path

HINT = "besides text, .npy and .parquet files are read"
_PANDAS = "save it as CSV, or in Python give the data frame that pandas.{} makes"
_UNPACK = "unpack it first"
_RENAME = "give it a name that ends in {}"

KINDS: tuple[tuple[bytes, str, str], ...] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook", _PANDAS.format("read_excel")),
    (b"<stata_dta>", "a Stata file", _PANDAS.format("read_stata")),
    (b"$FL2", "an SPSS file", _PANDAS.format("read_spss")),
    (b"$FL3", "an SPSS file", _PANDAS.format("read_spss")),
    (b"HEADER RECORD***", "a SAS file", _PANDAS.format("read_sas")),
    (bytes(12) + b"\xc2\xea\x81\x60", "a SAS file", _PANDAS.format("read_sas")),
    (b"ARROW1", "a Feather file", _PANDAS.format("read_feather")),
    (b"FEA1", "a Feather file", _PANDAS.format("read_feather")),
    (b"ORC", "an ORC file", _PANDAS.format("read_orc")),
    (b"SQLite format 3\0", "a database", _PANDAS.format("read_sql")),
    (b"RDX", "an R workspace", "in R, write.csv(x, 'x.csv') saves a data frame as text"),
    (b"X\n\0\0\0", "an R object", "in R, write.csv(readRDS(...), 'x.csv') saves a data frame as text"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 or netCDF file", "mixtura show reads saved fits; save numbers as CSV or .npy"),
    (b"CDF\x01", "a netCDF file", "save its numbers as CSV, or in Python give the Dataset of xarray.open_dataset"),
    (b"CDF\x02", "a netCDF file", "save its numbers as CSV, or in Python give the Dataset of xarray.open_dataset"),
    (b"SIMPLE  =", "a FITS file", "in Python, astropy.table.Table.read(...).to_pandas() makes a data frame of a table"),
    (b"MATLAB 5.0 MAT", "a MATLAB file", "in Python, scipy.io.loadmat gives its arrays"),
    (b"\x93NUMPY", "a .npy file", _RENAME.format(".npy")),
    (b"PAR1", "a Parquet file", _RENAME.format(".parquet")),
    (b"\x80\x02", "a pickle", "load it in Python and give what it holds"),
    (b"\x80\x03", "a pickle", "load it in Python and give what it holds"),
    (b"\x80\x04", "a pickle", "load it in Python and give what it holds"),
    (b"\x80\x05", "a pickle", "load it in Python and give what it holds"),
    (b"\x1f\x8b", "compressed twice", _UNPACK),
    (b"BZh", "a compressed file (bzip2)", f"{_UNPACK}, or compress it with gzip"),
    (b"\xfd7zXZ\0", "a compressed file (xz)", f"{_UNPACK}, or compress it with gzip"),
    (b"(\xb5/\xfd", "a compressed file (zstd)", f"{_UNPACK}, or compress it with gzip"),
    (b"7z\xbc\xaf'\x1c", "a 7z archive", _UNPACK),
    (b"Rar!\x1a", "a RAR archive", _UNPACK),
    (b"%PDF-", "a PDF document", HINT),
    (b"\x89PNG", "a PNG picture", HINT),
    (b"\xff\xd8\xff", "a JPEG picture", HINT),
    (b"GIF8", "a GIF picture", HINT),
)
ZIPPED = {
    ".xlsx": ("an Excel workbook", _PANDAS.format("read_excel")),
    ".ods": ("an OpenDocument spreadsheet", _PANDAS.format("read_excel")),
    ".npz": ("an archive of arrays", "save one array with numpy.save, as .npy"),
}
STATA = re.compile(rb"[\x69-\x73][\x01\x02]\x01\0")


def fault_of(head: bytes, name: str) -> str:
    """What a file is that is no text table, and how to get at its numbers; empty where it may be one.

    >>> fault_of(b"PK\\x03\\x04", "sales.xlsx")
    'an Excel workbook: save it as CSV, or in Python give the data frame that pandas.read_excel makes'
    >>> fault_of(b"a,b\\n1,2\\n", "sales.csv")
    ''
    """
    suffix = Path(name.lower()).suffix
    what = next(((kind, how) for magic, kind, how in KINDS if head.startswith(magic)), None)
    if head.startswith(b"PK\x03\x04"):
        workbook = suffix in (".xlsm", ".xlsb") or b"[Content_Types].xml" in head
        book = ".ods" if b"opendocument" in head else ".xlsx" if workbook else suffix
        what = ZIPPED.get(book, ("a zip archive", _UNPACK))
    elif STATA.match(head):
        what = "a Stata file", _PANDAS.format("read_stata")
    what = what or _written(head, suffix)
    return ": ".join(what) if what else ""


def _written(head: bytes, suffix: str) -> tuple[str, str] | None:
    """The same of files that are text."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:1] == b"{" or suffix == ".json" or re.match(rb'\[\s*[\[{"0-9-]', text):
        return "JSON", _PANDAS.format("read_json")
    if re.match(rb"<(!doctype|html|\?xml|table)", text, re.I):
        return "HTML or XML", _PANDAS.format("read_html or read_xml")
    if re.search(rb"^@relation\b", head, re.I | re.M):
        return "an ARFF file", "in Python, scipy.io.arff.loadarff gives its records"
    return None
