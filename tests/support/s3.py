"""A real S3 API on loopback: moto's server, told to check signatures and rights with Amazon's own code."""

import asyncio
import os
import re
import socket
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import pytest

from server.config import S3
from server.media.sigv4 import Credentials, signed
from tests.support.process import ServerProcess, free_port

BUCKET = "inbox-files"
_POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
_STEPS = (
    {"Action": "CreateUser", "UserName": "centrala"},
    {"Action": "PutUserPolicy", "UserName": "centrala", "PolicyName": "files", "PolicyDocument": _POLICY},
    {"Action": "CreateAccessKey", "UserName": "centrala"},
)


class S3Server(ServerProcess):
    """After :meth:`prepare` only signed requests are answered."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        command: list[str | Path] = [
            sys.executable,
            "-m",
            "moto.server",
            "-H",
            "127.0.0.1",
            "-p",
            str(self.port),
        ]
        environment = {**os.environ, "INITIAL_NO_AUTH_ACTION_COUNT": str(len(_STEPS))}
        super().__init__(command, log=folder / "s3.log", ready=self._listens, environment=environment)
        self.settings = S3()

    async def prepare(self) -> None:
        """Make a key that may do everything in S3, and a bucket."""
        scope = "Credential=x/20260101/us-east-1/iam/aws4_request"
        headers = {"Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0"}
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        async with aiohttp.ClientSession() as http:
            text = ""
            for step in _STEPS:
                async with http.post(self.endpoint, data=urlencode(step), headers=headers) as answer:
                    text = await answer.text()
                    assert answer.status == 200, text
            key = re.search(r"<AccessKeyId>(.*?)</AccessKeyId>", text)
            secret = re.search(r"<SecretAccessKey>(.*?)</SecretAccessKey>", text)
            assert key is not None
            assert secret is not None
            self.settings = S3(endpoint=self.endpoint, bucket=BUCKET, access_key=key[1], secret_key=secret[1])
            host = f"127.0.0.1:{self.port}"
            proof = signed(
                Credentials(key[1], secret[1]),
                "PUT",
                host,
                f"/{BUCKET}",
                region="us-east-1",
                at=datetime.now(UTC),
            )
            async with http.put(f"{self.endpoint}/{BUCKET}", headers=proof) as answer:
                assert answer.status == 200, await answer.text()

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    server = S3Server(tmp_path_factory.mktemp("s3"))
    server.start()
    asyncio.run(server.prepare())
    yield server
    server.stop()
