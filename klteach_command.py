"""Where the command `klteach` begins: nothing that goes wrong before it ends with the code 1.

The code 1 means drift, and a cron job would believe it. So this loads nothing of the course, nor
anything else that could be broken, before it can say so.
"""

import sys


def main() -> int:
    """Run the command; 2 if it cannot be loaded, 130 if it is stopped while it is."""
    try:
        from klteach.cli import main as command
    except KeyboardInterrupt:
        print("klteach: stopped", file=sys.stderr)
        return 130
    except BaseException as error:
        reason = " ".join(str(error).split())
        print(f"klteach: cannot be loaded: {type(error).__name__}: {reason}", file=sys.stderr)
        return 2
    return command()
