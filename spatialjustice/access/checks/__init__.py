"""How far travel costs and measures of access can be trusted."""
