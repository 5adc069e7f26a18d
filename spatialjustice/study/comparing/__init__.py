"""Cities beside one another: from folders of finished runs, or from one table of cells or of cities."""
