"""How a risk is learned: what is asked, which zones are held out together, which models and baselines try."""
