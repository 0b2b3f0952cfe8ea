# Sourced by the scripts next to it: go to the root of the checkout, find a Python, define `bootstrap`.
cd "$(dirname "$0")/.."

# With it set (as in many containers) every start compiles every module again: 4 s instead of 1.5 s.
unset PYTHONDONTWRITEBYTECODE

find_python() {
    for python in "${PYTHON:-python3}" python3.13 python3.12 python3.11; do
        if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            return
        fi
    done
    echo "Python 3.11 or newer is needed (Debian: apt install python3 python3-venv python3-pip)" >&2
    exit 1
}

bootstrap() {
    find_python
    "$python" scripts/bootstrap.py "$@"
}
