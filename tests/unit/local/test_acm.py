"""A renewal is laid over what the emulator says of a certificate, and over nothing else."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.acm.renewal import Renewal, record
from local.acm.server import serving
from local.aws import Account
from local.standins.http import Reply, Request, Server

ARN = "arn:aws:acm:us-east-1:123456789012:certificate/6da1af50-64de-4595-b4e8-66199599e939"
CERTIFICATE = {"CertificateArn": ARN, "DomainName": "www.example.com", "Status": "ISSUED", "NotAfter": 1_900_000_000.0}


def emulated(request: Request) -> Reply:
    operation = request.headers["x-amz-target"].rpartition(".")[2]
    if operation == "ListCertificates":
        return Reply(200, {"CertificateSummaryList": [{"CertificateArn": ARN}]})
    if request.json()["CertificateArn"] != ARN:
        return Reply(400, {"__type": "ResourceNotFoundException", "message": "no such certificate"})
    return Reply(200, {"Certificate": CERTIFICATE})


@pytest.fixture
def door() -> Iterator[tuple[Any, Any]]:
    with Server({"": emulated}) as emulator, serving(Account(emulator.url)) as (acm, url):
        yield acm, Account(url).client("acm")


def test_a_certificate_without_a_renewal_is_as_the_emulator_has_it(door: tuple[Any, Any]) -> None:
    _, client = door
    found = client.describe_certificate(CertificateArn=ARN)["Certificate"]
    assert ("RenewalSummary" in found, found["NotAfter"].timestamp()) == (False, 1_900_000_000.0)


def test_a_renewal_that_waits_names_the_record_and_moves_the_end(door: tuple[Any, Any]) -> None:
    acm, client = door
    acm.renewals[ARN] = Renewal(expires_in_days=13, made_at=1_800_000_000.0)
    found = client.describe_certificate(CertificateArn=ARN)["Certificate"]
    assert found["NotAfter"].timestamp() == 1_800_000_000.0 + 13 * 86_400
    summary = found["RenewalSummary"]
    assert summary["RenewalStatus"] == "PENDING_VALIDATION"
    [option] = summary["DomainValidationOptions"]
    assert (option["ValidationStatus"], option["ResourceRecord"]) == ("PENDING_VALIDATION", record("www.example.com"))


def test_all_else_is_handed_on_refusals_too(door: tuple[Any, Any]) -> None:
    acm, client = door
    acm.renewals[ARN] = Renewal(expires_in_days=13)
    assert [one["CertificateArn"] for one in client.list_certificates()["CertificateSummaryList"]] == [ARN]
    with pytest.raises(ClientError) as error:
        client.describe_certificate(CertificateArn=ARN.replace("6da1", "0000"))
    assert error.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_a_wildcard_is_proved_by_the_record_of_its_domain() -> None:
    laid = Renewal(1).laid_over({**CERTIFICATE, "SubjectAlternativeNames": ["example.com", "*.example.com"]})
    first, second = laid["RenewalSummary"]["DomainValidationOptions"]
    assert first["ResourceRecord"] == second["ResourceRecord"]
    assert json.dumps(laid), "it goes out as JSON"
