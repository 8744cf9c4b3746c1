"""GeoTIFFs: what is read is what rasterio reads, and what cannot be trusted is refused with file, block and way out."""

import os
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine

from comity import canon
from comity.adapters import rasters
from comity.adapters.rasters import GeoTiffs
from comity.errors import SourceError
from comity.model.blocks import Block
from tests.adapters.tiffs import CRS, NORTH_UP, classes, tiff

WHOLE = Block(row=0, column=0, rows=96, columns=128)


def test_the_facts_of_a_file_are_what_was_written(tmp_path: Path) -> None:
    path = tiff(tmp_path / "lc.tif", classes())
    told: list[tuple[int, int, str]] = []
    with GeoTiffs(tell=lambda done, total, what: told.append((done, total, what))) as files:
        facts = files.inspect(path)
    data = Path(path).read_bytes()
    assert (CRS, NORTH_UP[:6], 128, 96) == (facts.grid.crs, facts.grid.transform, facts.grid.width, facts.grid.height)
    assert ("uint8", "255", (32, 32)) == (facts.dtype, facts.nodata, facts.blocksize)
    assert (len(data), canon.digest(data)) == (facts.size, facts.digest)
    assert (len(data), len(data), "digest of lc.tif") == told[-1]


@pytest.mark.parametrize("other", [{}, {"driver": "COG", "tiled": None, "blockxsize": None, "blockysize": None}])
@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint32", "float32"])
def test_a_window_is_what_was_written(tmp_path: Path, dtype: str, other: dict[str, Any]) -> None:
    values = classes().astype(dtype)
    path = tiff(tmp_path / "a.tif", values, **other)
    with GeoTiffs() as files:
        read = files.read(path, Block(row=17, column=40, rows=50, columns=88))
    assert dtype == read.dtype.name
    assert np.array_equal(values[17:67, 40:128], read)


def test_threads_share_one_handle_of_a_file(tmp_path: Path) -> None:
    """GDAL datasets are not thread-safe: reads wait for each other."""
    values = classes(512, 512)
    path = tiff(tmp_path / "a.tif", values)
    wrong: list[Block] = []
    with GeoTiffs() as files:

        def look(start: int) -> None:
            for row in range(start, 512 - 16, 7):
                block = Block(row=row, column=start, rows=16, columns=100)
                if not np.array_equal(values[row : row + 16, start : start + 100], files.read(path, block)):
                    wrong.append(block)

        threads = [threading.Thread(target=look, args=(start,)) for start in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert 1 == len(files._open)
    assert [] == wrong


def test_files_beside_a_file_change_nothing(tmp_path: Path) -> None:
    """A digest of the file does not cover them: another transform (.tfw), another nodata value (.aux.xml)."""
    path = tiff(tmp_path / "a.tif", classes())
    with GeoTiffs() as files:
        facts, values = files.inspect(path), files.read(path, WHOLE)
    (tmp_path / "a.tfw").write_text("5\n0\n0\n-5\n10\n20\n")
    (tmp_path / "a.tif.aux.xml").write_text(
        "<PAMDataset><SRS>EPSG:4326</SRS>"
        "<PAMRasterBand band='1'><NoDataValue>3</NoDataValue></PAMRasterBand></PAMDataset>"
    )
    tiff(tmp_path / "a.tif.msk", np.zeros((96, 128), "u1"))
    with GeoTiffs() as files:
        assert facts == files.inspect(path)
        assert np.array_equal(values, files.read(path, WHOLE))


def written(**other: Any) -> Callable[[Path], None]:
    """A file that says something else of itself."""
    values = other.pop("values", classes())

    def write(path: Path) -> None:
        tiff(path, values, **other)

    return write


def scaled(path: Path) -> None:
    tiff(path, classes())
    with rasterio.open(path, "r+") as file:
        file.scales = (0.1,)


def nodata(text: bytes) -> Callable[[Path], None]:
    """GDAL's tag of the nodata value (42113) is text, and holds anything."""

    def write(path: Path) -> None:
        tiff(path, classes().astype("i2"), nodata=-99, compress=None)
        data = path.read_bytes()
        assert 1 == data.count(b"-99\0")
        path.write_bytes(data.replace(b"-99\0", text + b"\0"))

    return write


def cut(share: float) -> Callable[[Path], None]:
    """A file whose end is missing."""

    def write(path: Path) -> None:
        tiff(path, classes())
        os.truncate(path, int(path.stat().st_size * share))

    return write


REFUSED: dict[str, tuple[Callable[[Path], None], str]] = {
    "text": (lambda path: path.write_text("x,y\n1,2\n") and None, "not a TIFF; found a file that begins with b'x,y"),
    "empty": (lambda path: path.touch(), "not a TIFF; found an empty file"),
    "absent": (lambda path: None, "cannot be opened; found No such file"),
    "folder": (lambda path: path.mkdir(), "cannot be opened; found Is a directory"),
    "no header": (lambda path: path.write_bytes(b"II*\0"), "it is cut or broken"),
    "cut in its header": (cut(0.02), "it is cut or broken"),
    "cut in the middle": (cut(0.6), "tile [0-9]+, [0-9]+: the file is cut; found [0-9]+ bytes; wanted at least"),
    "no CRS": (written(crs=None), "no coordinate reference system; .*gdal_translate -a_srs EPSG:CODE"),
    "no transform": (written(transform=None), "no place on the Earth; .*gdal_translate -a_ullr"),
    "no nodata": (written(nodata=None), "no nodata value.*gdal_translate -a_nodata VALUE"),
    "half a nodata": (nodata(b"2.5"), "no nodata value.*found 2.5 among whole numbers"),
    "no number": (nodata(b"nan"), "no nodata value"),
    "rotated": (written(transform=Affine(99, 10, 0, 10, -99, 0)), "rotated, sheared or upside down; .*gdalwarp"),
    "south up": (written(transform=Affine(100, 0, 0, 0, 100, 0)), "rotated, sheared or upside down"),
    "bands": (written(values=np.stack([classes()] * 3)), "several bands; found 3; wanted one band; .*-b 1"),
    "complex": (written(values=classes().astype("complex64"), nodata=0), "not real numbers; found complex64"),
    "scaled": (scaled, "values are scaled.*-unscale"),
    "not equal-area": (written(crs="EPSG:3857"), "does not keep areas|sphere.*gdalwarp -t_srs EPSG:6933"),
    "local": (
        written(crs='LOCAL_CS["hall 3",UNIT["metre",1]]'),
        "gdalwarp -t_srs EPSG:6933 -r near '.*lc 2020.tif' new.tif",
    ),
}


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_trusted_is_refused_in_one_line(tmp_path: Path, name: str, capfd: Any) -> None:
    make, words = REFUSED[name]
    path = tmp_path / "lc 2020.tif"
    make(path)
    with GeoTiffs() as files, pytest.raises(SourceError, match=words) as caught:
        files.inspect(str(path))
    said = str(caught.value)
    assert said.startswith(str(path))
    assert "wanted " in said
    assert "\n" not in said
    assert ("", "") == capfd.readouterr()


def test_only_a_plain_file_is_opened(tmp_path: Path) -> None:
    """A VRT names other files, GDAL's /vsi systems other places."""
    path = tiff(tmp_path / "a.tif", classes())
    vrt = tmp_path / "a.vrt"
    vrt.write_text(f"<VRTDataset rasterXSize='1' rasterYSize='1'><!-- {path} --></VRTDataset>")
    for name in (str(vrt), f"/vsizip/{path}", "https://example.org/a.tif", f"GTIFF_DIR:1:{path}"):
        with GeoTiffs() as files, pytest.raises(SourceError):
            files.inspect(name)


@pytest.mark.parametrize("compress", ["deflate", None])
def test_a_block_that_cannot_be_read_is_named(tmp_path: Path, compress: str | None, capfd: Any) -> None:
    """The file is cut after it was looked at: the blocks before the cut are read, the others are refused."""
    values = classes()
    path = tiff(tmp_path / "a.tif", values, compress=compress)
    os.truncate(path, os.stat(path).st_size * 2 // 3)
    last = Block(row=64, column=96, rows=32, columns=32)
    with GeoTiffs() as files:
        assert np.array_equal(values[:32, :32], files.read(path, Block(row=0, column=0, rows=32, columns=32)))
        with pytest.raises(SourceError) as caught:
            files.read(path, last)
    assert "block at row 64, column 96 (32 x 32 cells): the block cannot be read" in str(caught.value)
    assert f"{path}: " in str(caught.value)
    assert "way out: copy or fetch the file again" in str(caught.value)
    assert ("", "") == capfd.readouterr()


def test_broken_bytes_in_a_tile_are_an_error_not_zeros(tmp_path: Path) -> None:
    path = tiff(tmp_path / "a.tif", classes())
    with rasterio.open(path) as file:
        start = int(file.get_tag_item("BLOCK_OFFSET_1_1", "TIFF", bidx=1))
    with open(path, "r+b") as raw:
        raw.seek(start)
        raw.write(bytes(40))
    with GeoTiffs() as files, pytest.raises(SourceError, match="the block cannot be read"):
        files.read(path, WHOLE)


def test_a_block_beyond_the_file_is_refused(tmp_path: Path) -> None:
    path = tiff(tmp_path / "a.tif", classes())
    with GeoTiffs() as files, pytest.raises(SourceError, match="not in the file; wanted 96 x 128 cells"):
        files.read(path, Block(row=90, column=0, rows=10, columns=10))


def test_empty_tiles_of_a_sparse_file_are_nodata(tmp_path: Path) -> None:
    """No bytes are no cut."""
    path = tiff(tmp_path / "a.tif", np.full((96, 128), 255, "u1"), sparse_ok="TRUE")
    with GeoTiffs() as files:
        files.inspect(path)
        assert {255} == set(files.read(path, WHOLE).flat)


@pytest.mark.parametrize(
    ("nodata", "spelt"),
    [(-9999, "-9999.0"), (float("nan"), "nan"), (-3.4028234663852886e38, "-3.4028234663852886e+38")],
)
def test_nodata_of_floats_has_one_spelling(tmp_path: Path, nodata: float, spelt: str) -> None:
    with GeoTiffs() as files:
        assert spelt == files.inspect(tiff(tmp_path / "a.tif", classes().astype("f4"), nodata=nodata)).nodata


SHIFTED = Affine(100.0, 0.0, 500_050.0, 0.0, -100.0, 4_000_000.0)
COARSER = Affine(200.0, 0.0, 500_000.0, 0.0, -200.0, 4_000_000.0)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"crs": "EPSG:3035"}, "found CRS EPSG:3035; wanted CRS EPSG:6933"),
        ({"transform": SHIFTED}, "found origin 500050.0 4000000.0; wanted origin 500000.0 4000000.0"),
        ({"transform": COARSER}, "found cell size 200.0 x 200.0; wanted cell size 100.0 x 100.0"),
        ({"values": classes(96, 100)}, "found size 100 x 96; wanted size 128 x 96"),
    ],
)
def test_grids_that_do_not_line_up_are_refused_with_the_line_that_warps(
    tmp_path: Path, other: dict[str, Any], words: str
) -> None:
    one, two = tiff(tmp_path / "a.tif", classes()), str(tmp_path / "b.tif")
    written(**other)(Path(two))
    with GeoTiffs() as files, pytest.raises(SourceError) as caught:
        files.aligned({path: files.inspect(path) for path in (one, two)})
    said = str(caught.value)
    assert f"{two}: not on the grid of a.tif; {words}" in said
    line = "gdalwarp -t_srs EPSG:6933 -te 500000.0 3990400.0 512800.0 4000000.0 -ts 128 96 -r near"
    assert f"way out: {line} {two} new.tif" in said


def test_the_warped_file_of_the_way_out_lines_up(tmp_path: Path) -> None:
    """What gdalwarp would make, made by rasterio from the same words."""
    from rasterio.warp import Resampling, reproject

    one, two = tiff(tmp_path / "a.tif", classes()), tiff(tmp_path / "b.tif", classes(60, 80), transform=COARSER)
    with GeoTiffs() as files:
        with pytest.raises(SourceError) as caught:
            files.aligned({path: files.inspect(path) for path in (one, two)})
        found = re.search(r"-te (\S+) (\S+) (\S+) (\S+) -ts (\d+) (\d+)", caught.value.way_out)
        assert found
        west, south, east, north = map(float, found.groups()[:4])
        columns, rows = map(int, found.groups()[4:])
        transform = Affine((east - west) / columns, 0, west, 0, (south - north) / rows, north)
        warped = np.full((rows, columns), 255, "u1")
        with rasterio.open(two) as source:
            reproject(
                rasterio.band(source, 1), warped, dst_transform=transform, dst_crs=CRS, resampling=Resampling.nearest
            )
        three = tiff(tmp_path / "new.tif", warped, transform=transform)
        facts = {path: files.inspect(path) for path in (one, three)}
        assert facts[one].grid == files.aligned(facts)


def test_transforms_that_differ_by_rounding_line_up(tmp_path: Path) -> None:
    """Writers keep a different number of digits; the first file's grid stands."""
    one = tiff(tmp_path / "a.tif", classes(), transform=Affine(1 / 120, 0, -25.9, 0, -1 / 120, 38), crs="EPSG:4326")
    near = Affine(0.00833333333333, 0, -25.900000000000063, 0, -0.00833333333333, 37.99999999999994)
    two = tiff(tmp_path / "b.tif", classes(), transform=near, crs="EPSG:4326")
    with GeoTiffs() as files:
        facts = {path: files.inspect(path) for path in (one, two)}
        assert facts[one].grid == files.aligned(facts)


def test_no_raster_at_all_is_refused() -> None:
    with pytest.raises(SourceError, match="no raster"):
        GeoTiffs().aligned({})


def test_a_stamp_tells_a_file_that_was_written_to_or_replaced(tmp_path: Path) -> None:
    path = tiff(tmp_path / "a.tif", classes())
    stamp = rasters.stamp(path)
    assert stamp == rasters.stamp(path)
    os.utime(path, ns=(1, 1))
    written_to = rasters.stamp(path)
    os.replace(tiff(tmp_path / "b.tif", classes()), path)
    assert 3 == len({stamp, written_to, rasters.stamp(path)})
