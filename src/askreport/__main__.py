"""``python -m askreport`` is the command line."""

from askreport.cli import main

main()
