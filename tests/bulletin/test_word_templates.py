"""Templates of the bureau's own: what they may say, and how each mistake in one is named."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import docx
import pytest
from click.testing import CliRunner
from docx.enum.text import WD_LINE_SPACING
from docx.shared import Pt

from flows.cli import main
from schemas.catalogue import indicators
from tests.bulletin.conftest import City
from tests.bulletin.made import NOW, fill, make_bulletin, make_template, saved
from transforms.bulletin.default_template import default_template
from transforms.bulletin.sections import MAIN_FIGURES, MONTH_CHARTS, SECTIONS, UNIT_CHARTS
from transforms.bulletin.template_problems import TemplateProblem, TemplateRefusedError
from transforms.bulletin.variables import names_of
from transforms.bulletin.word import write_word


def problems_of(*paragraphs: str | list[str], template: bytes | None = None) -> list[TemplateProblem]:
    with pytest.raises(TemplateRefusedError) as refused:
        fill(template or make_template(*paragraphs))
    return refused.value.problems


def test_figures_are_called_by_title_and_by_id() -> None:
    bulletin = make_bulletin(case_filed_count=(248, 240))
    text = fill(
        make_template(
            "{{ 立案 }}、{{ case_filed_count }}，上年{{ 上年.立案 }}，{{ 同比.case_filed_count }}"
        ),
        bulletin,
    )
    assert "248件、248件，上年240件，同比增长3.33%" in text


def test_every_figure_has_its_names() -> None:
    names = [name for indicator in indicators().values() for name in names_of(indicator)]
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() for name in names)
    fill(make_template(*(f"{{{{ {name} }}}}{{{{ 上年.{name} }}}}" for name in names)))


def test_a_template_split_into_runs_works() -> None:
    text = fill(make_template(["立案{{ ", "立", "案", " }}，{", "{ 同比", ".立案 }", "}"]))
    assert "立案7件，上年无可比数据" in text


def test_conditions_and_loops_work() -> None:
    bulletin = make_bulletin(case_filed_count={"is_provisional": True, "units_reported": 3})
    template = make_template(
        "{%p if 是暂定 %}", "{{ 暂定说明 }}", "{%p endif %}",
        "{%p for 行 in 单位表 %}", "{{ 行.名称 }}{{ 行.立案 }}", "{%p endfor %}",
    )  # fmt: skip
    text = fill(template, bulletin)
    assert "暂定的，报齐以后会变动：立案。" in text
    assert "长岭县3件" in text


def test_misspelt_names_are_all_named_with_the_nearest() -> None:
    problems = problems_of(
        "{{ 立按 }}{{ case_filed_cuont }}", "{%p if 0 %}", "{{ 上年.处罚 }}", "{%p endif %}",
        "{%p for 行 in 指标表 %}", "{{ 行.名字 }}", "{%p endfor %}",
    )  # fmt: skip
    nearest = {problem.text: problem.nearest for problem in problems if problem.kind == "unknown"}
    assert nearest.keys() == {"立按", "case_filed_cuont", "上年.处罚", "行.名字"}
    assert "立案" in nearest["立按"]
    assert nearest["case_filed_cuont"][0] == "case_filed_count"
    assert "上年.处罚款" in nearest["上年.处罚"]
    assert nearest["行.名字"] == ("行.名称",)


def test_a_name_that_only_rendering_shows_is_named_too() -> None:
    document = docx.Document()
    document.core_properties.title = "{{ 地方 }}"
    [problem] = problems_of(template=saved(document))
    assert (problem.kind, problem.text) == ("unknown", "地方")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("立案｛｛ 立案 ｝｝", "full_width"),
        ("立案｛{ 立案 }｝", "full_width"),
        ("｛％p if 是暂定 ％｝", "full_width"),
        ("立案{{ 立案 }", "half_tag"),
        ("立案 立案 }}", "half_tag"),
        ("{% if 是暂定 }", "half_tag"),
        ("{{ 立案 + }}", "syntax"),
        ("{{ 立 案 }}", "syntax"),
        ("{%p if 是暂定 %}", "syntax"),
        ("{{ ''.__class__.__mro__ }}", "unsafe"),
        ("各月：{{ 月图.立案 }}", "not_alone"),
        ("见{{ 统计表 }}", "not_alone"),
    ],
)
def test_what_cannot_be_filled_is_refused_by_name(text: str, kind: str) -> None:
    problems = problems_of("抬头", text)
    assert [problem.kind for problem in problems] == [kind]
    if kind not in ("unsafe",):
        assert re.sub(r"\s", "", problems[0].text)[-4:] in re.sub(r"\s", "", text) or kind == "syntax"


@pytest.mark.parametrize(
    "text", ["立案{{ 立案 }}{甲}", "｛甲｝与{乙}", "{{ “甲” }}", "{{ 立案 if 立案 else '' }}"]
)
def test_other_braces_and_quotes_are_left_alone(text: str) -> None:
    fill(make_template(text))


@pytest.mark.parametrize("data", [b"", b"no document", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_document_is_refused(data: bytes) -> None:
    with pytest.raises(TemplateRefusedError) as refused:
        write_word(make_bulletin(), data, NOW)
    assert refused.value.problems[0].kind == "no_document"


def test_names_are_shown_and_never_obeyed() -> None:
    text = fill(make_template("{{ 地区 }}"), make_bulletin("双峰 & <b>{{ 立案 }}\x07"))
    assert "双峰 & <b>{{ 立案 }}\\x07" in text


def test_a_chart_in_lines_of_an_exact_height_is_whole() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("{{ 单位图.立案 }}")
    paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    paragraph.paragraph_format.line_spacing = Pt(28)
    filled = docx.Document(io.BytesIO(write_word(make_bulletin(), saved(document), NOW)))
    assert filled.paragraphs[0].paragraph_format.line_spacing_rule == WD_LINE_SPACING.SINGLE
    assert len(filled.inline_shapes) == 1


def test_a_section_of_pages_is_not_lost() -> None:
    document = docx.Document()
    document.add_paragraph("{%p if 是暂定 %}")
    document.add_section()
    document.paragraphs[-1].add_run("{%p endif %}")
    [problem] = problems_of(template=saved(document))
    assert (problem.kind, problem.text) == ("section_break", "{%p endif %}")
    filled = docx.Document(io.BytesIO(write_word(make_bulletin(), with_chart_before_a_break(), NOW)))
    assert (len(filled.sections), [each.text for each in filled.paragraphs]) == (2, ["", "乙"])


def with_chart_before_a_break() -> bytes:
    document = docx.Document()
    document.add_section()
    document.paragraphs[-1].add_run("{{ 月图.立案 }}")
    document.add_paragraph("乙")
    return saved(document)


def test_a_chart_without_anything_to_draw_leaves_no_gap() -> None:
    assert fill(make_template("甲", "{{ 月图.立案 }}", "乙")).splitlines()[:2] == ["甲", "乙"]


def test_the_default_template_reports_every_indicator_once() -> None:
    sentences = "".join(text for section in SECTIONS for text in section.paragraphs)
    called = re.findall(r"\{\{ (\w+) \}\}", sentences)
    left_out = {"daily_penalty_count", "five_kinds_count", "head_appearance_by_hearing_rate"}
    titles = [each.title for name, each in indicators().items() if name not in left_out]
    assert sorted(name for name in called if name not in ("本期", "地区")) == sorted(titles)
    themes = [theme for section in SECTIONS for theme in section.themes]
    assert sorted(themes) == sorted({each.theme for each in indicators().values()})
    charted = {
        *MAIN_FIGURES,
        *MONTH_CHARTS,
        *UNIT_CHARTS,
        *(title for each in SECTIONS for title in each.charts),
    }
    assert charted <= set(titles)


def test_the_default_template_can_be_written_edited_and_used(city: City, tmp_path: Path) -> None:
    template, out = tmp_path / "template.docx", tmp_path / "report.docx"
    result = CliRunner().invoke(main, ["report", "--write-template", str(template)])
    assert result.exit_code == 0, result.output
    assert template.read_bytes() == default_template()
    document = docx.Document(str(template))
    document.paragraphs[0].insert_paragraph_before("某市生态环境局")
    document.save(str(template))
    options: list[Any] = ["report", "--period", "2023-06", "--template", str(template), "--out", str(out)]
    assert city.run(*options).exit_code == 0
    assert docx.Document(str(out)).paragraphs[0].text == "某市生态环境局"
    misspell(template, {"立案 }}": "立按 }}", "上年说明.执法": "上年说明.执罚"})
    result = city.run(*options)
    assert result.exit_code == 2
    assert "there is no variable 立按; the nearest are 立案" in result.output
    assert "上年说明.执罚; the nearest are 上年说明.执法" in result.output


def misspell(file: Path, words: dict[str, str]) -> None:
    document = docx.Document(str(file))
    for paragraph in document.paragraphs:
        for run in paragraph.runs:
            for right, wrong in words.items():
                run.text = run.text.replace(right, wrong)
    document.save(str(file))
