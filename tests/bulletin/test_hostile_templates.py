"""Templates that cannot be filled, take too much, run code or lead elsewhere: each is named."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import docx
import pytest

from tests.bulletin.conftest import City
from tests.bulletin.made import NOW, make_bulletin, make_template, saved
from transforms.bulletin.template_problems import TemplateRefusedError
from transforms.bulletin.word import fill_template
from transforms.read.containers import xlsx_package

RELATIONS = "word/_rels/document.xml.rels"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def refusal(template: bytes) -> tuple[str, str]:
    with pytest.raises(TemplateRefusedError) as refused:
        fill_template(make_bulletin(), template, NOW)
    [problem] = refused.value.problems
    return problem.kind, problem.text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{{ 1/0 }}", "division by zero"),
        ("{{ 立案 + 1 }}", ""),
        ("{{ 立案() }}", "not callable"),
        ("{% include 'x' %}", "no loader"),
        ("{{ range(999999)|list }}", "Range too big"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "recursion"),
        ("{{ [1,'a']|sort }}", "not supported"),
    ],
)
def test_what_cannot_be_computed_is_named_with_its_line(text: str, reason: str) -> None:
    kind, problem = refusal(make_template("甲", text, "乙"))
    assert (kind, problem.startswith(text[:40]), reason in problem) == ("failed", True, True)


def test_mistakes_outside_the_text_are_named_too() -> None:
    header, title = docx.Document(), docx.Document()
    header.sections[0].header.paragraphs[0].text = "{{ 1/0 }}"
    title.core_properties.title = "{{ 'a'*300 }}"
    assert refusal(saved(header)) == ("failed", "{{ 1/0 }}: division by zero")
    assert refusal(saved(title))[1].startswith("{{ 'a'*300 }}: exceeded 255")
    assert refusal(make_template("⟦各月:nosuch⟧")) == ("unknown", "nosuch")
    assert refusal(make_template("{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}"))[0] == "syntax"


def changed(changes: Mapping[str, tuple[bytes, bytes]], added: Mapping[str, bytes] | None = None) -> bytes:
    """Return a template with bytes replaced in some of its parts, and with further parts."""
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(make_template("甲"))) as source,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(*changes.get(name, (b"\0", b"\0"))))
        for name, data in (added or {}).items():
            target.writestr(name, data)
    return written.getvalue()


def related(kind: str, target: str, mode: str = "") -> tuple[bytes, bytes]:
    relation = f'<Relationship Id="rId90" Type="{kind}" Target="{target}" {mode}/></Relationships>'
    return b"</Relationships>", relation.encode()


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"word/document.xml": (b"</w:body>", b"<")}, "no_document"),
        ({"word/document.xml": (b"w:body>", b"w:other>")}, "no_document"),
        ({RELATIONS: (b"<", b"x")}, "no_document"),
    ],
    ids=["xml", "body", "relations"],
)
def test_a_damaged_file_is_refused(changes: Mapping[str, tuple[bytes, bytes]], kind: str) -> None:
    assert refusal(changed(changes))[0] == kind


def test_a_picture_that_unpacks_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    template = changed({}, {"word/media/image1.png": bytes(2**21)})
    fill_template(make_bulletin(), template, NOW)
    monkeypatch.setattr(xlsx_package, "LARGEST_PART", 2**20)
    assert refusal(template) == ("too_large", "word/media/image1.png 解开后有 2 MB")


@pytest.mark.parametrize("kind", ["attachedTemplate", "oleObject", "image"])
def test_what_would_be_loaded_from_elsewhere_is_left_out(kind: str) -> None:
    relation = related(f"{OFFICE}/{kind}", "http://evil.test/x", 'TargetMode="External"')
    used = (
        b"<w:body>",
        f'<w:body><w:p><w:r><w:object r:id="rId90" xmlns:r="{OFFICE}"/></w:r></w:p>'.encode(),
    )
    filled = fill_template(make_bulletin(), changed({RELATIONS: relation, "word/document.xml": used}), NOW)
    assert filled.dropped == [f"{kind} http://evil.test/x"]
    with zipfile.ZipFile(io.BytesIO(filled.data)) as package:
        parts = b"".join(package.read(name) for name in package.namelist())
    assert (b"evil.test" in parts, b"rId90" in parts) == (False, False)


def test_macros_are_left_out_and_links_stay() -> None:
    macros = related("http://schemas.microsoft.com/office/2006/relationships/vbaProject", "vbaProject.bin")
    types = (
        b"</Types>",
        b'<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>',
    )
    template = changed({RELATIONS: macros, "[Content_Types].xml": types}, {"word/vbaProject.bin": b"VBA"})
    filled = fill_template(make_bulletin(), template, NOW)
    assert filled.dropped == ["vbaProject /word/vbaProject.bin"]
    assert "word/vbaProject.bin" not in zipfile.ZipFile(io.BytesIO(filled.data)).namelist()
    link = related(f"{OFFICE}/hyperlink", "http://city.test/", 'TargetMode="External"')
    filled = fill_template(make_bulletin(), changed({RELATIONS: link}), NOW)
    assert filled.dropped == []
    assert b"city.test" in zipfile.ZipFile(io.BytesIO(filled.data)).read(RELATIONS)


@pytest.mark.parametrize(
    "text",
    [
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{{ 'a'*2000000000 }}",
    ],
    ids=["time", "memory"],
)
def test_a_template_without_end_is_refused(city: City, tmp_path: Path, text: str) -> None:
    settings = city.folder / "huizong.toml"
    before = settings.read_text("utf-8")
    template, out = tmp_path / "template.docx", tmp_path / "report.docx"
    template.write_bytes(make_template(text))
    try:
        settings.write_text(f"{before}\nreading_seconds = 3\n", "utf-8")
        result = city.run("report", "--period", "2023-06", "--template", str(template), "--out", str(out))
    finally:
        settings.write_text(before, "utf-8")
    assert (result.exit_code, "too much time or memory" in result.output) == (2, True), result.output
    assert not out.exists()
