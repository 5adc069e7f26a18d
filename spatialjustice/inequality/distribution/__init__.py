"""How unequally something is spread over people: from the Lorenz curve to poverty lines, with intervals."""
