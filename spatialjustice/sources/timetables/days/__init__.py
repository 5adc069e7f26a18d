"""Days: which services run on one, and which date stands for a day of the week."""
