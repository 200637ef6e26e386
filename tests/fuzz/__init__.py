"""What comes from outside with ill will. `make test` sends a bounded, always equal part of it.

    ONWARD_FUZZ=1000 make test ARGS="-n 0 tests/fuzz"

sends a thousand feeds of each format and a thousand requests to each form; ONWARD_FUZZ_SEED chooses other ones.
"""

import os

COUNT = int(os.environ.get("ONWARD_FUZZ", "0"))  # 0: the bounded size
SEED = os.environ.get("ONWARD_FUZZ_SEED", "onward")
