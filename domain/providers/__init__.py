"""Companies that move money: what each can do, as data."""
