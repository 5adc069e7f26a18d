"""Reports of residents to their city: how many, how many to expect, who is silent, how late, how soon answered."""
