# ruff: noqa: E501 (texts)
"""Other languages and scripts. The texts are invented."""

from __future__ import annotations

import unicodedata

import pytest

from workers.wire.passages import passages
from workers.wire.shelf import Shelf
from workers.wire.tokens import read

TEXTS = {
    "Arabic": (
        "أعلنت هيئة الموانئ في مدينة سيلا يوم الثلاثاء أن عمال الرصيف صوتوا على إنهاء إضراب استمر 11 يوما وأبقى 46 سفينة "
        "راسية خارج الميناء. وقالت النقابة إن العمال قبلوا زيادة في الأجور تبلغ سبعة في المئة على مدى عامين. وأضافت الهيئة "
        "أن الخسائر بلغت 310 ملايين كرونة معظمها من الفواكه التي فسدت في المخازن. ومن المقرر أن يستأنف العمل في محطة الحبوب "
        "صباح الأربعاء على أن تعود محطتا الحاويات إلى العمل يوم الجمعة المقبل."
    ),
    "Hebrew": (
        "רשות הנמלים בעיר סלה הודיעה ביום שלישי כי עובדי הרציף הצביעו בעד סיום שביתה שנמשכה 11 ימים והשאירה 46 אוניות "
        "עוגנות מחוץ לנמל. האיגוד מסר כי העובדים הסכימו להעלאת שכר של שבעה אחוזים בתוך שנתיים. הרשות הוסיפה כי הנזק "
        "הסתכם בכ 310 מיליון כתרים ורובו נגרם מפירות שנרקבו במחסנים. העבודה במסוף התבואה תחודש ביום רביעי בבוקר ואילו שני "
        "מסופי המכולות ישובו לפעול רק ביום שישי הקרוב."
    ),
    "Turkish": (
        "Sele limanındaki işçiler, 46 gemiyi 11 gün boyunca açıkta bekleten grevi bitirmek için salı günü oy kullandı, dedi "
        "sendika. İşçiler iki yıl içinde yüzde yedi zam almayı kabul etti ve bu oran istediklerinden daha düşüktü. Liman "
        "idaresi, zararın 310 milyon kronu bulduğunu ve çoğunun depolarda çürüyen meyvelerden kaynaklandığını bildirdi. "
        "Tahıl iskelesinde çalışma çarşamba sabahı başlayacak, iki konteyner iskelesi ise ancak cuma günü açılacak."
    ),
    "Chinese": (
        "塞勒港务局星期二表示，码头工人投票决定结束持续了11天的罢工，这次罢工使46艘船只滞留港外。工会说，工人接受了两年内加薪百分之七的方案，"
        "低于他们最初的要求。港务局估计，这次停工给该地区造成了3亿1000万克朗的损失，其中大部分是在仓库里腐烂的水果。粮食码头将于星期三早晨恢复作业，"
        "两个集装箱码头则要到星期五才能清理完积压的货物。"
    ),
}
ADDED = {
    "Arabic": "وقال محافظ المدينة إن لجنة مستقلة يرأسها قاض متقاعد ستنظر في ساعات العمل داخل المحطات الأربع كلها.",
    "Hebrew": "מושל העיר אמר כי ועדה עצמאית בראשות שופט בדימוס תבחן את שעות העבודה בכל ארבעת המסופים בנמל כולו.",
    "Turkish": "Vali, emekli bir yargıcın başkanlık edeceği bağımsız kurulun dört iskeledeki mesai saatlerini inceleyeceğini söyledi.",
    "Chinese": "市长宣布，由一名退休法官领导的独立委员会将调查全部四个码头的工作时间安排。",
}


@pytest.mark.parametrize("script", sorted(TEXTS))
def test_copies_are_found_in_every_script(script: str) -> None:
    # given the four texts on one shelf
    shelf = Shelf()
    for name, text in TEXTS.items():
        shelf.take(name, text)

    # when one comes again with a sentence added
    update = TEXTS[script] + " " + ADDED[script]
    found = shelf.take("again", update)

    # then it is a copy, and the sentence is what it adds
    assert (found.kind, found.wire_story, found.copy_kind) == ("copy", f"w1-{script}", "update"), found.detail
    assert shelf.wire_stories[f"w1-{script}"].parts[1].strip(".。") == ADDED[script].strip(".。")


@pytest.mark.parametrize("script", sorted(TEXTS))
def test_a_changed_figure_is_a_correction_in_every_script(script: str) -> None:
    shelf = Shelf()
    shelf.take("first", TEXTS[script])
    text = TEXTS[script].replace("46", "64")
    found = passages(text, shelf.wire_stories["w1-first"])
    assert [(each.old, each.new) for each in found.corrections] == [("46", "64")]
    assert found.additions == ()


@pytest.mark.parametrize("script", sorted(TEXTS))
def test_invisible_characters_and_decomposition_part_nothing(script: str) -> None:
    # given a copy with zero-width and direction marks strewn in, and one in another normal form
    strewn = "".join(character + "\u200b" * (index % 3 == 0) for index, character in enumerate(TEXTS[script]))
    shelf = Shelf()
    shelf.take("first", TEXTS[script])

    # when / then
    assert shelf.take("strewn", "\u202b" + strewn).copy_kind == "identical"
    assert shelf.take("decomposed", unicodedata.normalize("NFD", TEXTS[script])).copy_kind == "identical"


def test_arabic_points_and_arabic_digits_part_nothing() -> None:
    assert read("العُمَّال ٤٦").forms == read("العمال 46").forms


@pytest.mark.parametrize("space", [" ", "\u00a0", "\u2009", "\u202f"], ids=["plain", "no-break", "thin", "narrow"])
def test_thousands_may_be_set_apart_by_a_space(space: str) -> None:
    assert (
        read(f"Some 12{space}000 people and 7{space}500.5 tonnes").forms
        == read("some 12,000 people and 7500.5 tonnes").forms
    )
    assert read(f"1,234{space}567 and 2031{space}500 and 12{space}50").forms == [
        "1234",
        "567",
        "and",
        "2031",
        "500",
        "and",
        "12",
        "50",
    ]


def test_millions_may_be_set_apart_by_spaces_that_do_not_break() -> None:
    assert read("1\u202f234\u202f567 crowns").forms == ["1234567", "crowns"]


def test_a_row_of_figures_stays_a_row() -> None:
    assert read("wheat 640 225 369 and 5 640 225").forms == ["wheat", "640", "225", "369", "and", "5", "640", "225"]


def test_house_style_folds() -> None:
    one = read("The U.S. said four of 1,000 of Hall’s ships ﬁnally left.")
    other = read("the US said 4 of 1000 of Hall ships finally left")
    assert one.forms == other.forms


def test_titles_and_initials_end_no_sentence() -> None:
    text = "Gov. Pell Adair of the U.S. Coast met Dr. J. Holt. They spoke. It rained.\n\nNobody came"
    tokens = read(text)
    begins = [text[tokens.starts[first] :].split()[0] for first in tokens.sentences]
    assert begins == ["Gov.", "They", "It", "Nobody"]
