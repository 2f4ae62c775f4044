"""The benches of redaction and of log templates can fail, and read the data that is not here."""

from pathlib import Path

import pytest

from bench.redaction import Case, Measure, left, recall, touches
from bench.templates import accuracy, drawn, measured, ours, read
from watchkeeper.redaction import Redactor


@pytest.mark.parametrize(
    ("found", "share"),
    [("xxyy", 1.0), ("xxxx", 0.0), ("xyzz", 0.5), ("abcd", 0.0)],
)
def test_a_group_counts_only_when_it_is_whole(found: str, share: float) -> None:
    assert accuracy("aabb", found) == share


def test_a_folder_laid_out_as_loghub_is_read(tmp_path: Path) -> None:
    (tmp_path / "HDFS").mkdir()
    (tmp_path / "HDFS" / "HDFS_2k.log_structured.csv").write_text('LineId,Content,EventId\n1,"got block 7, ok",E1\n2,got nothing,E2\n')
    assert read(tmp_path) == {"HDFS": [("got block 7, ok", "E1"), ("got nothing", "E2")]}


def test_drawn_lines_are_the_same_each_time() -> None:
    templates = ["user {user} of {ip}", "done in {secs} s"]
    assert drawn("x", templates, 50) == drawn("x", templates, 50)
    assert {template for _, template in drawn("x", templates, 50)} == set(templates)


def test_a_set_below_its_floor_is_broken() -> None:
    one_of_each = {"x": [("say red", "E1"), ("say blue", "E1")] * 50}
    assert [measure.broken for measure in measured(one_of_each, ours, "", floors=True)][:2] == [True, True]
    assert [measure.broken for measure in measured(one_of_each, ours, "", floors=False)][:2] == [False, False]


def test_half_a_secret_is_a_miss() -> None:
    case = Case("x", "key 0123456789abcdefghij", ("0123456789abcdefghij",))
    assert left(case, Redactor(b"k")) == list(case.secrets)
    assert [measure.broken for measure in recall([case], Redactor(b"k"))] == [True, True]


def test_a_touched_line_is_counted() -> None:
    (measure,) = touches(["password=hunter2", "all is well"], Redactor(b"k"))
    assert (measure.value, measure.broken) == (0.5, True)


def test_a_line_says_name_value_unit_and_floor() -> None:
    assert Measure("false_touches", 0.001, "share", "at most 0.005").line == "redaction.false_touches 0.001 share (at most 0.005)"
