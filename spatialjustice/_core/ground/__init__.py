"""Where on the ground: metres that are metres, and how sure a reference system is."""
