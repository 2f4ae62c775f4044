"""What the GitHub stand-in holds: the repositories of the services that fall ill by a change, and what went into them.

The lines that a commit wrote are those that the stack traces of `local.world` lead to. Times are counted back from now.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from local.standins.github_repository import Commit, File, PullRequest, Repository

Ago = Callable[..., datetime]

ORDERS, RECOMMENDER = "acme/orders", "acme/recommender"
POOL_PULL_REQUEST, POOL_FILE, POOL_LINE = 482, "orders/db.py", 32
CACHE_FILE, CACHE_LINE = "recommender/cache.py", 88
POOL_COMMIT = "9c41f7be20d3a86e5f12b7c04d9a3e68f1b52c70"
CACHE_COMMIT = "5e2b80d4c7f6913a0be8d2c45f7a1960e3bd8f42"
CONTEXT = "     # -"


def repositories(now: datetime | None = None) -> tuple[Repository, Repository]:
    """Both, as of now."""
    at = now or datetime.now(UTC)

    def ago(**span: float) -> datetime:
        return at.replace(microsecond=0) - timedelta(**span)

    return _orders(ago), _recommender(ago)


def _orders(ago: Ago) -> Repository:
    """The pull request before this one is days old; only #482 was merged in the day that is looked at."""
    files = (File(POOL_FILE, patch(24, POOL_CODE)), File("orders/settings.py", patch(12, ["POOL_SIZE_OF_A_WORKER = 25"])))
    pool = Commit(POOL_COMMIT, f"Give every worker its own connection pool (#{POOL_PULL_REQUEST})", "mira", ago(minutes=9), files)
    older = Commit("17aa" + "4c" * 18, "Say in the log which order failed (#479)", "jonas", ago(days=4), (File("orders/api.py"),))
    return Repository(
        ORDERS,
        commits=[pool, older],
        pull_requests=[
            PullRequest(479, "Say in the log which order failed", "jonas", ago(days=5), "say-which", merged_at=ago(days=4),
                        merge_commit=older.sha),
            PullRequest(POOL_PULL_REQUEST, "Give every worker its own connection pool", "mira", ago(days=1), "pool-of-its-own",
                        merged_at=ago(minutes=9), merge_commit=pool.sha, labels=("AutoRemediate",)),
        ],
    )  # fmt: skip


def _recommender(ago: Ago) -> Repository:
    """Straight onto the default branch, so that there is no pull request to revert."""
    cache = Commit(CACHE_COMMIT, "Remember vectors between requests", "tariq", ago(hours=3), (File(CACHE_FILE, patch(80, CACHE_CODE)),))
    words = Commit("c09d" + "7e" * 18, "Better words in the readme", "jonas", ago(hours=5), (File("README.md", patch(3, ["Run it."])),))
    return Repository(RECOMMENDER, commits=[cache, words])


def patch(first: int, written: Sequence[str]) -> str:
    """One run of new lines from this line on, between two lines that stayed as they were."""
    head = f"@@ -{first - 1},2 +{first - 1},{len(written) + 2} @@"
    return "\n".join([head, CONTEXT, *(f"+{line}" for line in written), CONTEXT])


POOL_CODE = [
    "class Pools:",
    '    """A pool for each worker, so that they do not wait for one another."""',
    "",
    "    def __init__(self, dsn, size):",
    "        self.dsn, self.size, self.of_worker = dsn, size, {}",
    "",
    "    def acquire(self, worker):",
    "        pool = self.of_worker.setdefault(worker, ConnectionPool(self.dsn, self.size))",
    "        return pool.getconn()",
]
CACHE_CODE = [
    "class Cache:",
    '    """Vectors by user, so that they are computed once."""',
    "",
    "    def __init__(self):",
    "        self.seen = {}",
    "",
    "    def remember(self, user, vectors):",
    "        for name, vector in vectors.items():",
    "            self.seen[user, name, time.time()] = numpy.array(vector)",
    "",
    "    def recall(self, user, name):",
    "        times = [t for u, n, t in self.seen if (u, n) == (user, name)]",
    "        return self.seen.get((user, name, max(times, default=0)))",
    "",
    "    def __len__(self):",
    "        return len(self.seen)",
]
