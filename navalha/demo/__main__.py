import sys

from navalha.demo.run import main

sys.exit(main())
