"""Fixed broadband and mobile cells."""
