"""Work for later: ids in, one call, errors rise."""
