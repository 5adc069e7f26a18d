"""What may stand for a number, in which digits, and how far a sum of estimates may be off."""
