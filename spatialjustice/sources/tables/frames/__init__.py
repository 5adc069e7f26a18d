"""One door for what callers hold in memory: frames of any library, shapes in any writing, and where they come from."""
