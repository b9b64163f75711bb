"""Starts a program with little: `confined.py MEGABYTES SECONDS PROGRAM …`. A bare script."""

import os
import resource
import sys


def confine(megabytes: int, seconds: int) -> None:
    """No more memory and computing time than that, and no file may be written."""
    resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds,) * 2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    confine(int(sys.argv[1]), int(sys.argv[2]))
    os.execv(sys.argv[3], sys.argv[3:])
