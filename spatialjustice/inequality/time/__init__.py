"""What changes over years: who moves up or down, and whether places grow alike."""
