"""`python -m cli`: reads the command line, runs one command, and ends with 0 (done), 1 (no) or 2 (could not)."""

import argparse
import sys
from collections.abc import Callable, Sequence

from botocore.exceptions import BotoCoreError, ClientError

from cli.command import Command, Desk, commands
from cli.trouble import DONE, Trouble, explain
from watchkeeper.errors import WatchkeeperError

INTERRUPTED = 130
LAST_WORD = """With no option it speaks to the stack that `make demo` runs on this machine, else to the stack `watchkeeper` on AWS.
Exit codes: 0 done, 1 the answer is no, 2 it could not be tried."""


def parser(known: Sequence[Command]) -> argparse.ArgumentParser:
    """The whole command line. The options that say which stack may stand before the command or after it."""
    where = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    group = where.add_argument_group("which stack")
    group.add_argument("--stack", metavar="NAME", help="the CloudFormation stack (watchkeeper)")
    group.add_argument("--region", help="its AWS region")
    group.add_argument("--profile", help="the AWS profile to use")
    group.add_argument("--endpoint-url", metavar="URL", help="an emulator instead of AWS")
    root = argparse.ArgumentParser(
        prog="watchkeeper",
        description="Keeps the watch. See what happened, approve what waits, stop everything.",
        epilog=LAST_WORD,
        parents=[where],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    levels = {"": root.add_subparsers(metavar="COMMAND", required=True)}
    for command in known:
        first, _, second = command.name.partition(" ")
        if second and first not in levels:
            says = " or ".join(c.name.partition(" ")[2] for c in known if c.name.startswith(f"{first} "))
            above = levels[""].add_parser(first, help=f"{says}; see {first} --help", description=f"watchkeeper {first}: {says}")
            levels[first] = above.add_subparsers(metavar="COMMAND", required=True)
        level = levels[first if second else ""]
        one = level.add_parser(second or first, help=command.says, description=command.says.capitalize() + ".", parents=[where])
        command.arguments(one)
        one.set_defaults(command=command)
    return root


def main(arguments: Sequence[str] | None = None, desk: Callable[[argparse.Namespace], Desk] = Desk) -> int:
    """Run one command; what goes wrong on purpose is three sentences, not a trace."""
    said = parser(commands()).parse_args(arguments)
    try:
        code: int = said.command.run(desk(said))
    except (Trouble, WatchkeeperError, BotoCoreError, ClientError) as error:
        trouble = explain(error)
        print(trouble, file=sys.stderr)
        return trouble.code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # whoever read us has read enough, as in `watchkeeper incidents | head -1`
        return DONE
    return code


if __name__ == "__main__":
    sys.exit(main())
