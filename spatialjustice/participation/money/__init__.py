"""Where the money of a participatory budget lands, against where people live and what they need."""
