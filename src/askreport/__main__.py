"""``python -m askreport`` is the command line."""

from askreport.cli.main import main

main()
