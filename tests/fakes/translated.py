"""template.yaml as CloudFormation gets it: after SAM's transform, so that what SAM adds by itself is tested as well."""

import copy
import json
from functools import cache
from typing import Any

from boto3 import Session
from samtranslator.parser.parser import Parser  # type: ignore[import-untyped] # it ships no types
from samtranslator.translator.translator import Translator  # type: ignore[import-untyped] # the same

from tests.fakes.template import template

SOMEWHERE = "s3://built/code.zip"
AT_HOME = {"AWS::Region": "eu-west-1", "AWS::Partition": "aws", "AWS::AccountId": "123456789012", "AWS::StackName": "watchkeeper-dev"}


def translate(source: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The resources of a template after the transform. Code that lies in this checkout is taken as built and uploaded."""
    whole = copy.deepcopy(source)
    whole["Globals"]["Function"]["CodeUri"] = SOMEWHERE
    for resource in whole["Resources"].values():
        if resource["Type"] == "AWS::Serverless::LayerVersion":
            resource["Properties"]["ContentUri"] = SOMEWHERE
    translator = Translator({}, Parser(), boto_session=Session(region_name=AT_HOME["AWS::Region"]))
    found: dict[str, dict[str, Any]] = translator.translate(whole, AT_HOME)["Resources"]
    return found


@cache
def _translated() -> str:
    return json.dumps(translate(template()))


def translated() -> dict[str, dict[str, Any]]:
    """The resources of template.yaml after the transform."""
    found: dict[str, dict[str, Any]] = json.loads(_translated())
    return found
