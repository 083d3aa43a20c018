"""Everything that must stay true."""

import pytest

# A behaviour of the conformance suite that fails shows its values, as a test would.
pytest.register_assert_rewrite("adapters.provider_kit.conformance")
