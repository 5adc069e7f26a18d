"""What there is to connect with, how fast it is, and who is served but not connected."""
