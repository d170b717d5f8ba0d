"""What names the version of the course names the same one."""

import re
import tomllib

import yaml

from notebook_running import ROOT


def test_the_package_the_citation_and_the_changelog_have_one_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    version, day = re.search(r"^## (\d\S+) · (\S+)$", changes, re.MULTILINE).groups()
    assert project["version"] == citation["version"] == version
    assert str(citation["date-released"]) == day
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
