"""Bytes in the bucket, with their sha256 beside them; and the heads of audit chains, which nobody can delete before their time."""

import hashlib
from datetime import timedelta
from typing import Any

from watchkeeper.audit import Anchor
from watchkeeper.errors import Permanent
from watchkeeper.ids import Clock
from watchkeeper.models import StoredPayload
from watchkeeper.storage.aws import in_our_words


class S3Blobs:
    """The Blobs port."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client, self._bucket = client, bucket

    def put(self, key: str, body: bytes) -> StoredPayload:
        with in_our_words("s3:PutObject", f"{self._bucket}/{key}"):
            self._client.put_object(Bucket=self._bucket, Key=key, Body=body)
        return StoredPayload(bucket=self._bucket, key=key, sha256=hashlib.sha256(body).hexdigest(), size=len(body))

    def get(self, stored: StoredPayload) -> bytes:
        with in_our_words("s3:GetObject", f"{stored.bucket}/{stored.key}"):
            body: bytes = self._client.get_object(Bucket=stored.bucket, Key=stored.key)["Body"].read()
        if hashlib.sha256(body).hexdigest() != stored.sha256:
            raise Permanent(f"{stored.key} in {stored.bucket} is not what was stored: its sha256 differs")
        return body


class S3Anchors:
    """The Anchors port. A head is all in its key; Object Lock keeps it for `days`."""

    def __init__(self, client: Any, bucket: str, clock: Clock, days: int) -> None:
        self._client, self._bucket, self._clock, self._days = client, bucket, clock, days

    def keep(self, anchor: Anchor) -> None:
        key = f"heads/{anchor.incident_id}/{anchor.seq:06d}-{anchor.hash}"
        with in_our_words("s3:PutObject", f"{self._bucket}/{key}"):
            self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=anchor.model_dump_json().encode(),
                ObjectLockMode="COMPLIANCE",
                ObjectLockRetainUntilDate=self._clock() + timedelta(days=self._days),
                ChecksumAlgorithm="SHA256",
            )

    def chains(self, incident_id: str) -> list[str]:
        """The names of every chain of this incident that a head was kept of: its own, and one for each channel that was told."""
        with in_our_words("s3:ListBucket", self._bucket):
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=f"heads/{incident_id}")
            names = {entry["Key"].removeprefix("heads/").rpartition("/")[0] for page in pages for entry in page.get("Contents", [])}
        return sorted(name for name in names if name == incident_id or name.startswith(f"{incident_id}#"))

    def of(self, incident_id: str) -> list[Anchor]:
        with in_our_words("s3:ListBucket", self._bucket):
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=f"heads/{incident_id}/")
            names = [entry["Key"].rsplit("/", 1)[1] for page in pages for entry in page.get("Contents", [])]
        return [Anchor(incident_id=incident_id, seq=int(name[:6]), hash=name[7:]) for name in names]
