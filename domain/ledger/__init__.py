"""Double entry: who owes whom, in whole minor units."""
