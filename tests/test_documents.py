"""What the documents say of the code is there."""

import re

import pytest

from tests.helpers.making import ROOT

DOCUMENTS = ("docs/architecture.md", "CONTRIBUTING.md", "README.md")
# `folder/file.py`, and `name()` or `Name` after it until the next file.
CODE = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"(pix2pix|tools|tests|docs|examples|\.github)/[\w./-]+")
NAME = re.compile(r"(_?[a-z]\w*)\(\)")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_files_and_functions_that_a_document_names_exist(document: str) -> None:
    text = re.sub(r"^(```.*?^```$|    .*?$)", "", (ROOT / document).read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    source = ""
    for code in CODE.findall(text):
        if PATH.fullmatch(code):
            assert (ROOT / code).exists(), code
            source = (ROOT / code).read_text(encoding="utf-8") if (ROOT / code).is_file() else ""
        elif (name := NAME.fullmatch(code)) and source:
            assert re.search(
                rf"^ *((async )?def|(async )?function) {name[1]}\b|^ *(async )?{name[1]}\(.*\{{$", source, re.MULTILINE
            ), code


def test_the_rooms_of_the_package_stand_in_the_order_of_their_imports() -> None:
    tree = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").split("pix2pix/\n", 1)[1].split("app.py", 1)[0]
    rooms = re.findall(r"^ {6}(\w+)/ +\w", tree, re.MULTILINE)
    assert set(rooms) == {path.parent.name for path in (ROOT / "pix2pix").glob("*/__init__.py")}
    for number, room in enumerate(rooms):
        for path in (ROOT / "pix2pix" / room).rglob("*.py"):
            imported = set(re.findall(r"^ *(?:from|import) pix2pix\.(\w+)", path.read_text(encoding="utf-8"), re.MULTILINE))
            assert imported.isdisjoint(rooms[number + 1 :]), path
