"""Places and the zones they are divided into, and vector files of any kind."""
