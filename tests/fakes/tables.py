"""The tables of template.yaml, made in moto from the template itself, so that a test never runs on keys the stack lacks."""

from typing import Any

from tests.fakes.template import resources

NAMES = {"IncidentsTable": "incidents", "AnalysesTable": "analyses", "AuditTable": "audit"}


def create_tables(client: Any) -> None:
    for logical_id, name in NAMES.items():
        properties = resources()[logical_id]["Properties"]
        wanted = {
            key: properties[key]
            for key in ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
            if key in properties
        }
        client.create_table(TableName=name, **wanted)
