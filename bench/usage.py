"""What a process uses, by the kernel's own accounts."""

import os
from contextlib import suppress
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def cpu_s(pid: int) -> float:
    """Seconds of processor time so far (proc_pid_stat(5), utime and stime)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def memory_kib(pid: int) -> int:
    """Its own memory (proc_pid_smaps(5), Anonymous), without the files that are mapped.

    A share of those would grow whenever another program that maps them ends.
    """
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Anonymous:"))


def descriptors(pid: int, port: int) -> tuple[int, int]:
    """Open files, sockets and the like: connections of that TCP port, and all others."""
    of_port = _inodes(port)
    inside = outside = 0
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            if str(link.readlink()) in of_port:
                inside += 1
            else:
                outside += 1
    return inside, outside


def _inodes(port: int) -> set[str]:
    """Connections of which either end has that port (proc_net_tcp(5)), as links name them."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    wanted = f":{port:04X}"
    return {f"socket:[{row[9]}]" for row in rows if wanted in {row[1][-5:], row[2][-5:]}}
