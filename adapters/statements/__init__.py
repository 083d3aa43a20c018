"""Banks' statements as files: camt.053, MT940, and CSV whose columns somebody names."""
