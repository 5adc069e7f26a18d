"""Pages of one file that fetch nothing: from a Folium map to HTML in all its languages."""
