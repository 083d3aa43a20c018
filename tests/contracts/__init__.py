"""What every adapter of a port must do."""

import pytest

# A behaviour that fails shows its values, as a test would.
pytest.register_assert_rewrite("adapters.provider_kit.conformance")
