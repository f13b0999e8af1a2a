"""The blog whose code the examples are: authors, posts, tags and comments."""
