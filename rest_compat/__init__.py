"""The REST face: five older systems, each one dialect over the same resolvers."""
