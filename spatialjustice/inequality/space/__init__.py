"""Where the unequal lie: neighbours, clusters in space, and regions made of zones that are alike."""
