"""An index of the digital divide: its rule, its scale, its ranks and how sure they are."""
