"""The one door to the web: what is asked, fetched, checked and kept."""
