"""A small Spark cluster on this machine, some of which can be killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import pyspark


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Cluster:
    """A master and two workers on this machine, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.master = f"spark://127.0.0.1:{self.port}"
        self.started = [self.start("master.Master", "--port", str(self.port))]
        self.workers = [self.worker(number) for number in range(2)]

    def start(self, what: str, *arguments: str) -> subprocess.Popen:
        home = Path(pyspark.__file__).parent
        local = {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_HOME": str(home), "SPARK_NO_DAEMONIZE": "1"}
        log = (self.folder / f"{what}-{len(arguments)}-{time.time()}.log").open("w")
        command = [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{what}"]
        return subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--webui-port", "0", *arguments],
            env={**os.environ, **local},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def worker(self, number: int) -> subprocess.Popen:
        place = self.folder / f"worker-{number}"
        place.mkdir()
        return self.start(
            "worker.Worker", "--cores", "1", "--memory", "1g", "--work-dir", str(place), self.master
        )

    def kill(self, number: int) -> None:
        """A worker and all that it started are gone at once."""
        for process in descendants(self.workers[number].pid):
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def stop(self) -> None:
        for process in [*self.workers, *self.started]:
            for pid in descendants(process.pid):
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            process.wait()


def descendants(root: int) -> list[int]:
    """A process and all that it started."""
    children: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(status.read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
        children.setdefault(parent, []).append(int(status.parent.name))
    found, at = [root], 0
    while at < len(found):
        found += children.get(found[at], [])
        at += 1
    return found
