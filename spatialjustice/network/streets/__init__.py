"""From OpenStreetMap's ways to streets that a mode may use: rules, speeds, slopes and how they hang together."""
