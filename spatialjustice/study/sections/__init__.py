"""What a study can ask for, a folder each: settings, compute, tables and page. ``study.registry`` lists them."""
