"""Who has too little: beside the middle of society, of several things at once, or after paying for them."""
