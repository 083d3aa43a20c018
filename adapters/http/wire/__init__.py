"""What clients send and may rely on: request bodies and replies as Structs, in camelCase."""
