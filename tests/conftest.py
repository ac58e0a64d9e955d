"""Test modules of one folder import their helpers by name."""

import sys
from pathlib import Path

from hypothesis import Phase, settings

for folder in Path(__file__).parent.iterdir():
    if folder.is_dir():
        sys.path.insert(0, str(folder))

# For `make breaks`: that a law fails is all that is asked there; to shrink the example takes minutes.
settings.register_profile("breaks", phases=(Phase.explicit, Phase.generate), database=None)
