"`python -m next_reid`, and the console script: the command `next_reid`, which can be stopped while it starts"
import os
import sys

if __name__ == "__main__" and not getattr(sys.flags, "safe_path", False):
    here = sys.path.pop(0)  # the current folder, where `-m` looks first: strangers' files may lie there
    if os.path.dirname(os.path.dirname(os.path.abspath(__file__))) == here: sys.path.append(here)
import signal


def _stopped(*_) -> None:
    "Nothing is under way yet, or everything is done"
    os.write(2, b"stopped\n")
    os._exit(130)


def main() -> int:  # exit status
    "Import and run the command; an interruption is one line at any moment."
    usual = signal.getsignal(signal.SIGINT)
    if usual is signal.default_int_handler: signal.signal(signal.SIGINT, _stopped)
    from next_reid.using.commands import main as run
    signal.signal(signal.SIGINT, usual)
    try: return run()
    finally:
        if usual is signal.default_int_handler: signal.signal(signal.SIGINT, _stopped)


if __name__ == "__main__": raise SystemExit(main())
