"""`make bench`: every workload that is written so far, and its figures in bench/results.json."""

import json
import os
import tempfile
from pathlib import Path

from bench.imports import measure

ROWS = int(os.environ.get("ROWS", "100000"))
RESULTS = Path(__file__).with_name("results.json")

with tempfile.TemporaryDirectory(prefix="hub-bench-") as name:
    Path(name).chmod(0o711)
    print(f"W6 import of {ROWS} rows …", flush=True)
    imported = measure(Path(name), ROWS)
figures = {"W6": {"hub": {"rows": ROWS, "first_seconds": imported["first"], "again_seconds": imported["again"],
                          "rows_a_second": round(ROWS / imported["first"])}}}  # fmt: skip
RESULTS.write_text(json.dumps(figures, indent=1) + "\n")
print(json.dumps(figures, indent=1))
