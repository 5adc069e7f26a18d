"""Places that offer a service: which tags mean what, what places hold and cost, and whether they are still there."""
