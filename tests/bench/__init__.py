"""The bench runs; how fast anything is, no test asserts."""
