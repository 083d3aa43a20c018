"""What is peculiar to SQL: the schema, its history, its fences and its plans."""
