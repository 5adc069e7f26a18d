"""``python -m spatialjustice``."""

import sys

from spatialjustice.cli import main

sys.exit(main())
