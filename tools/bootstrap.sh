#!/bin/sh
# Find a Python that can build the virtual environment and hand over to bootstrap.py, or say what to install.
# Usage: tools/bootstrap.sh run|test
found=
for python in $PYTHON python3.11 python3 python3.12 python3.13 python3.14; do
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
    found=$python
    "$python" -c 'import ensurepip, venv' 2>/dev/null && exec "$python" -B "$(dirname "$0")/bootstrap.py" "$@"
done
if [ -n "$found" ]; then
    echo "O $found desta máquina veio sem o módulo venv: instale-o (Debian e Ubuntu: apt install python3-venv) e rode de novo." >&2
else
    echo "A Navalha precisa do Python 3.11 ou mais novo: instale-o (Debian e Ubuntu: apt install python3 python3-venv) e rode de novo." >&2
fi
exit 2
