"""A Python that has imported the heavy packages once, and runs each script that it is given in a forked copy of itself.

A job is a line of JSON on standard input: the command (script first), the folder to run it in, files for output and errors, seconds.
The answer is a line with the exit status. The package under test is not imported here: each copy does that itself."""
import importlib
import json
import os
import runpy
import signal
import sys
import traceback


def run(job: dict) -> int:
    "Be the script; its exit status"
    os.chdir(job["cwd"])
    for fd, (name, mode) in enumerate(((os.devnull, os.O_RDONLY), (job["out"], os.O_WRONLY | os.O_CREAT), (job["err"], os.O_WRONLY | os.O_CREAT))):
        os.dup2(os.open(name, mode, 0o644), fd)
    signal.alarm(job["seconds"])  # ends this copy if it takes longer
    sys.argv = job["command"]
    sys.path.insert(0, os.path.dirname(job["command"][0]))
    try: runpy.run_path(job["command"][0], run_name="__main__")
    except SystemExit as e:
        if e.code is not None and not isinstance(e.code, int): print(e.code, file=sys.stderr)
        return e.code if isinstance(e.code, int) else int(e.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    del sys.path[0]  # the folder of this file
    for name in sys.argv[1:]: importlib.import_module(name)
    for line in sys.stdin:
        if not (child := os.fork()):
            status = 1
            try:
                status = run(json.loads(line))
                sys.stdout.flush()
                sys.stderr.flush()
            finally: os._exit(status)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
