"""What a stage gave up on, given to it again: after the reason is mended."""

from argparse import ArgumentParser

from cli.command import Command, Desk
from cli.redriving import depth, move_one_by_one, start_move
from cli.screen import plain
from cli.trouble import DONE
from watchkeeper.messages import Queue


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("queue", metavar="QUEUE", choices=[queue.value for queue in Queue], help=", ".join(queue.value for queue in Queue))
    parser.add_argument("--limit", type=int, default=0, help="no more than this many, one by one (all)")
    parser.add_argument("--dry-run", action="store_true", help="only say how many there are")


def run(desk: Desk) -> int:
    name: str = desk.said.queue
    queue, dead = desk.stack.output(f"{name.title()}QueueUrl"), desk.stack.output(f"{name.title()}DeadLettersUrl")
    sqs = desk.stack.client("sqs")
    waiting, held = depth(sqs, dead)
    if desk.said.dry_run or not waiting:
        also = f", and {held} that somebody is looking at" if held else ""
        desk.out.print(plain(f"{waiting} in the dead letters of {name}{also}. Nothing was moved."))
        return DONE
    if not desk.said.limit and start_move(sqs, dead):
        desk.out.print(plain(f"SQS moves about {waiting} back to {name}. See them go: ./watchkeeper redrive {name} --dry-run"))
        return DONE
    moved = move_one_by_one(sqs, dead, queue, desk.said.limit or waiting)
    desk.out.print(plain(f"{moved} moved back to {name}, of about {waiting}."))
    return DONE


COMMANDS = (Command("redrive", "move a queue's dead letters back to it", run, arguments),)
