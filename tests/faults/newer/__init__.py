"""A version of the future: three more revisions, with the things that hurt: a column, a value for every row, an index."""
