"""How many examples: enough to find what is wrong, few enough to run at every save."""

import os

from hypothesis import HealthCheck, settings

SLOW_IS_FINE = [HealthCheck.too_slow]
settings.register_profile(
    "quick", max_examples=100, deadline=None, suppress_health_check=SLOW_IS_FINE
)
settings.register_profile(
    "thorough", max_examples=5000, deadline=None, suppress_health_check=SLOW_IS_FINE
)
settings.load_profile(os.environ.get("CAURI_TEST_EXAMPLES", "quick"))
