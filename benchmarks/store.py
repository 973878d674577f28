"""Raw results in results.json, written as runs finish, so that sections can be run apart and again."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


class Store:
    """Runs, reasons why others are missing, versions, machine; nothing is added to the results of another machine."""

    def __init__(self, path: Path, only_read: bool = False) -> None:
        self.path = path
        found = json.loads(path.read_text()) if path.exists() else {}
        if found and found["machine"] != machine() and not only_read:
            print(f"{path.name} is from another machine ({found['machine']}): starting anew")
            found = {}
        empty: dict[str, Any] = {"machine": machine(), "versions": {}, "runs": [], "missing": {}, "kernel": {}}
        self.content: dict[str, Any] = empty | found

    def save(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self.path.with_suffix(".part")
        unfinished.write_text(json.dumps(self.content, indent=1) + "\n")
        unfinished.replace(self.path)

    def add(self, problem: str, peer: str, run: dict[str, Any]) -> None:
        self.content["runs"].append({"problem": problem, "peer": peer, **run})
        self.save()

    def miss(self, problem: str, peer: str, why: str) -> None:
        """Say why a peer has no result on a problem, or fewer than it should."""
        self.content["missing"].setdefault(problem, {})[peer] = why
        self.save()

    def forget(self, problem: str, peer: str) -> None:
        self.content["runs"] = [run for run in self.content["runs"] if (run["problem"], run["peer"]) != (problem, peer)]
        self.content["missing"].get(problem, {}).pop(peer, None)

    def runs(self, problem: str, peer: str) -> list[dict[str, Any]]:
        return [run for run in self.content["runs"] if (run["problem"], run["peer"]) == (problem, peer)]

    def why(self, problem: str, peer: str) -> str:
        """Why a peer is missing, or nothing."""
        return str(self.content["missing"].get(problem, {}).get(peer, ""))


def machine() -> str:
    """The machine, in a line."""
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text().splitlines() if facts.exists() else []
    cpu = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    return f"{cpu}, {os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"
