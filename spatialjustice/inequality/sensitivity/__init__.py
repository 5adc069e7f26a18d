"""How far an answer hangs on choices: of limits, years, zones and ranks."""
