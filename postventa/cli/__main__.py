"""`python -m postventa.cli`: the same as the `postventa` script."""

from postventa.cli import main

main()
