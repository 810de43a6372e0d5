"""Files with secrets or personal data, and the memory of the hub's processes, are private."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from hub.foundation.encryption import Keys
from hub.foundation.private_files import FilePermissionsTooOpen, new_private, read_private
from hub.imports.report import ImportReport, write_report


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o620, 0o602, 0o660, 0o666, 0o777])
def test_keys_that_others_can_read_or_change_are_not_used(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "keys.json"
    Keys.create().save(file)
    file.chmod(mode)
    with pytest.raises(FilePermissionsTooOpen, match="chmod 600"):
        Keys.load(file)
    file.chmod(0o600)
    assert Keys.load(file)


def test_a_group_reads_secrets_that_root_hands_to_a_service(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    new_private(file, "{}")
    file.chmod(0o640)
    if os.geteuid() == 0:
        assert read_private(file) == "{}"
    else:
        with pytest.raises(FilePermissionsTooOpen):
            read_private(file)


def test_a_report_of_refused_rows_is_its_owner_s_alone_whatever_the_umask(tmp_path: Path) -> None:
    report = tmp_path / "refused.csv"
    before = os.umask(0)
    try:
        write_report(report, ImportReport(0, 0, 0, [], []))
    finally:
        os.umask(before)
    assert stat.S_IMODE(report.stat().st_mode) == 0o600


DUMPABLE = """
import ctypes, resource
from hub.foundation.core_dumps import refuse_core_dumps
refuse_core_dumps()
print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_a_command_leaves_no_core_dump_and_closes_its_memory() -> None:
    done = subprocess.run(
        [sys.executable, "-c", DUMPABLE], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["(0,", "0)", "0"]
