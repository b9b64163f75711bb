"""A person on the line: asked for, waited for, let go."""
