"""Fuzzes on a Ray of two nodes, one of which is killed when the first blocks are done.

Run with the words of `bnparity fuzz`, without ``--ray``; a process of its own, since Ray takes
over the one that starts it.
"""

import subprocess
import sys
import time
from pathlib import Path

from bnparity.sessions import stored


def main(words: list[str]) -> int:
    """Start the nodes, fuzz, kill a node; return how fuzzing ended."""
    from ray.cluster_utils import Cluster  # this file is collected where there is no Ray

    cluster = Cluster(
        initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False}
    )
    _, other = (cluster.add_node(num_cpus=1) for _ in range(2))
    try:
        fuzz = [sys.executable, "-m", "bnparity", "fuzz", *words, "--ray", cluster.address]
        with subprocess.Popen(fuzz) as session:
            while session.poll() is None and not _begun(Path(".bnparity")):
                time.sleep(0.2)
            cluster.remove_node(other, allow_graceful=False)
        return session.returncode
    finally:
        cluster.shutdown()


def _begun(state: Path) -> bool:
    if not (state / "campaign.sqlite").exists():
        return False
    with stored(state) as store:
        return store.rows("SELECT count(*) FROM counts") > [(0,)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
