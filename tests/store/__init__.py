import pytest

# the tests that stores inherit tell as much as those in test files
pytest.register_assert_rewrite("tests.store.contract", "tests.store.journal_contract")
