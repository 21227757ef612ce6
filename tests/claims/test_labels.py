"""What of a page is no prose: captions, credits, headings, stamps and notes; and what only looks like one of them."""

from __future__ import annotations

import pytest

from workers.claims.grammar.clean import readable

BODY = """Corvane closed the mill on Monday after the boiler had burst for the second time within a year.

{}

The union said that nobody had told the night shift of the first leak, and asked for the log.

The company has eleven days to answer, and the ministry will then decide whether the mill opens.
"""


def read(line: str) -> str:
    return readable(BODY.format(line), "Mill shut", 1000).text


@pytest.mark.parametrize(
    "line",
    [
        "Ada Lund (L) shakes hands with Karl Moe of the union during a visit to the mill.",
        "Smoke rises over the mill at Tarn on Monday. (AP Photo/Jan Holm)",
        "The mill at Tarn.\n(Jan Holm / Getty Images)",
        "The mill at Tarn\nThe mill at Tarn on Monday.\n(Jan Holm / Getty Images)",
        "Workers outside the mill. File Pic/PTI",
        "Workers leave the mill on Sunday. — Reuters",
        "A nurse shows workers at Tarn how to breathe in smoke, Sept. 21, 2031. JAN HOLM/AFP/Getty",
        "The mill at Tarn, Thursday, Nov 5, 2031. Jan Holm/AP",
        "Jan Holm / AP / AP Workers count the votes of the night shift at Tarn on Sunday.",
        "Workers cheer at the union's hall in Tarn. (Jan Holm/Corvane State Standard)",
        "Workers cheer at the union's hall in Tarn. [Jan Holm/Reuters]",
        "1 of 2 | Crowds asked for the mill to open on Saturday. Photo by Jan Holm/UPI",
        "Karl Moe waits at the court of Tarn. Photograph: Jan Holm/AFP/Getty Images",
        "Karl Moe waits at the court of Tarn. | Jan Holm/AFP via Getty Images",
        "Karl Moe waits at the court of Tarn. Jan Holm—Getty Images",
        "Karl Moe waits at the court of Tarn. EPA-EFE/JAN HOLM",
        "Karl Moe speaks in the mill. © Ministry of Mills/Handout via REUTERS",
        "Corvane claims proof of a leak",
        "Corvane Opens School Near Tarn After Years of Delay",
        "Updated: 15-10-2031 10:23 IST | Created: 15-10-2031 09:12 IST",
        "Editor's Note: The mill is the subject of a file that is kept up to date on another page, and what was "
        "said of the boiler on Monday stands there with all that the union and the ministry have answered",
    ],
)
def test_what_stands_between_paragraphs_and_is_no_prose_is_left_out(line: str) -> None:
    assert read(line) == read("")


@pytest.mark.parametrize(
    "line",
    [
        "Three workers were killed, the fire service said. (AFP)",
        "Governor Jan Holm (R) said that the mill had to close.",
        "The mill was sold.",
        "The boiler of the mill was sound when it was last looked at, the ministry told AP/Reuters",
        "The prize went to the mill. Karl Moe, its smith, and Jan Holm/Ada Lund shared it.",
        "Workers wrote a photo: the boiler had burst, and nobody was told.",
        "AP reporters saw smoke over the mill on Monday.",
        "- The mill opens on Friday",
        "“We were told nothing,” Karl Moe said on Monday of a picture of the boiler. He showed it to Getty Images",
        "The union, which has 640 members at Tarn and wants each of them to be heard, has called a strike for Friday",
    ],
)
def test_prose_that_looks_like_a_caption_or_a_heading_is_read(line: str) -> None:
    assert line.lstrip("- ").split(".")[0].split("“")[-1] in read(line)


def test_a_credit_in_front_of_a_caption_says_nothing_of_the_line_before_it() -> None:
    told = "The union's members voted on Sunday, and the night shift was the first to be counted."
    text = BODY.format(f"{told}\nJan Holm / AP / AP Workers count the votes of the night shift at Tarn.")
    assert told in readable(text, "Mill shut", 1000).text


def test_lines_of_a_text_without_full_stops_are_its_prose() -> None:
    text = "Corvane closed the mill\n\nThe union called a strike\n\nThe ministry sent an inspector"
    assert readable(text, "Mill shut", 1000).text.count("\n") == 2


def test_a_picture_alone_is_read_for_want_of_a_report() -> None:
    assert "Smoke rises" in readable("Smoke rises over the mill. (AP Photo/Jan Holm)", "Mill shut", 1000).text


def test_the_number_of_a_picture_is_not_a_count_of_what_it_shows() -> None:
    text = BODY.format("62\nnight workers wait outside the mill for the inspectors.")
    assert "62" not in readable(text, "Mill shut", 1000).text
    again = BODY.format("62 night\nworkers wait outside the mill for the inspectors.")
    assert "62 night workers" in readable(again, "Mill shut", 1000).text


def test_a_dateline_stands_before_the_first_prose_whatever_furniture_comes_before_it() -> None:
    menu = "Watch Now\nNews National\nActions\nPosted\nBUSINESS\n\n"
    text = readable(menu + BODY.format("A note.").replace("Corvane", "HARBOR CITY, WA — Corvane", 1), "Shut", 1000).text
    assert "HARBOR" not in text and "Corvane closed the mill" in text
    late = readable(f"{BODY}{BODY}".replace("{}", "NORTH BAY — Two ships sank."), "Shut", 1000).text
    assert late.count("NORTH BAY") == 1
