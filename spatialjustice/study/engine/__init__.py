"""How a study is done, whatever its sections: their plan, what they share, and what outlives a kill."""
