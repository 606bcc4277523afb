"""Files that want more than to be read are refused in a line, and nothing in them runs."""

import io
import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from bnparity.backends import UsageError
from bnparity.sessions import Spelling, read_dump


class Bomb:
    """Runs something where it is unpickled."""

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return Path.touch, (Path("ran"),)  # type: ignore[return-value]  # it never gets so far


def header(shape: tuple[int, ...]) -> bytes:
    file = io.BytesIO()
    about = {"descr": "<f4", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, about)
    return file.getvalue()


def archive(name: str, data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(name, data)
    return file.getvalue()


def safetensors(shape: list[int], end: int) -> bytes:
    about = {"x": {"dtype": "F32", "shape": shape, "data_offsets": [0, end]}}
    text = json.dumps(about).encode()
    return len(text).to_bytes(8, "little") + text


def objects() -> bytes:
    file = io.BytesIO()
    np.save(file, np.array([Bomb()], dtype=object))
    return file.getvalue()


def of_torch() -> bytes:
    file = io.BytesIO()
    torch.save({"x": Bomb()}, file)
    return file.getvalue()


HOSTILE = {
    "objects.npy": (objects, "Python objects"),
    "objects.npz": (lambda: archive("x.npy", objects()), "Python objects"),
    "pickle.npy": (lambda: pickle.dumps(Bomb()), "no npy file"),
    "pickle.npz": (lambda: pickle.dumps(Bomb()), "no npz file"),
    "pickle.pt": (of_torch, "never loaded"),
    "huge.npy": (lambda: header((10**9, 1)), "more than"),
    "short.npy": (lambda: header((100, 100)), "more than is there"),
    "unfinished.npy": (lambda: b"\x93NUMPY\x01\x00\x02\x00{\n", "no npy file"),
    "cut.npz": (lambda: archive("x.npy", header((9, 9)))[:60], "no npz file"),
    "negative.npy": (lambda: header((-4, -4)), "more than"),
    "huge.safetensors": (lambda: safetensors([10**9, 2], 8 * 10**9), "more than"),
    "short.safetensors": (lambda: safetensors([4, 4], 64), "no safetensors file"),
    "noise.safetensors": (lambda: b"\xff" * 64, "no safetensors file"),
    "up.npz": (lambda: archive("../../x.npy", header((0, 2))), "plain name"),
    "down.npz": (lambda: archive("/etc/x.npy", header((0, 2))), "plain name"),
    "dot.npz": (lambda: archive("..npy", header((0, 2))), "plain name"),
    "other.npz": (lambda: archive("notes.txt", header((0, 2))), "no x, but notes.txt"),
    "nothing.npz": (lambda: b"PK\x05\x06" + bytes(18), "no x, but nothing"),
    "unfolding.npz": (lambda: archive("x.npy", bytes(2**22)), "no npy file"),
    "empty.npz": (bytes, "no npz file"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line, and no trace of having run."""
    monkeypatch.chdir(tmp_path)
    made, told = HOSTILE[name]
    (tmp_path / name).write_bytes(made())
    spelling = Spelling.of([], {"training": True, "eps": 1e-5})
    with pytest.raises(UsageError, match=told) as raised:
        list(read_dump(tmp_path / name, spelling))
    assert "\n" not in str(raised.value)
    assert [path.name for path in tmp_path.iterdir()] == [name]
