"""Test modules of one folder import their helpers by name."""

import sys
from pathlib import Path

for folder in Path(__file__).parent.iterdir():
    if folder.is_dir():
        sys.path.insert(0, str(folder))
