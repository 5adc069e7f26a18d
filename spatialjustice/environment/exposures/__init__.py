"""What zones are exposed to, from tables, rasters and polygons."""
