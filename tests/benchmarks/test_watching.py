"""A child's memory by stage, its result, and what a late or failing one leaves."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

if not Path("/proc/self/status").exists():
    pytest.skip("memory is sampled from /proc", allow_module_level=True)

CHILD = """
import sys, time
sys.path.insert(0, sys.argv[1])
import watching
watching.stage("small")
time.sleep(0.3)
watching.stage("large")
held = bytearray(60_000_000)
time.sleep(0.3)
watching.result(seconds=0.5)
"""


def test_stages_are_told_apart(benchmarks):
    import watching

    command = [sys.executable, "-c", CHILD, str(benchmarks)]
    outcome = watching.watch(command, interval=0.01)
    assert outcome.failure is None and outcome.result == {"seconds": 0.5}
    small, large = outcome.stages["small"], outcome.stages["large"]
    assert 55e6 < large.anonymous - small.anonymous < 70e6
    assert outcome.peak.resident >= large.anonymous


def test_descendants_count():
    import watching

    inner = "import time; held = bytearray(50_000_000); time.sleep(0.5)"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"
    assert watching.watch([sys.executable, "-c", outer]).peak.anonymous > 50e6


def test_a_late_child_is_ended_and_named():
    import watching

    late = watching.watch([sys.executable, "-c", "import time; time.sleep(60)"], limit=0.3)
    assert late.failure == "> 0.3 s" and late.seconds < 30


def test_a_failing_child_says_why():
    import watching

    failed = watching.watch([sys.executable, "-c", "raise SystemExit('no such peer')"])
    assert failed.failure == "no such peer"
