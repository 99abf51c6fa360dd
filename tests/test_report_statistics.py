from collections import Counter
from dataclasses import replace

from report_samples import FIGURES, result, shop

from d1lint.report.statistics import render
from d1lint.result import Statistics


def test_in_full() -> None:
    statistics = Statistics(
        suppressed=Counter({"injected-sample": 3, "other-sample": 1}),
        unknown=Counter(
            {
                "the column a is not known: a spread": 1,
                "the column `b c` is not known: a spread": 2,
                "the name of an index is not known": 1,
                "the columns of a foreign key are not known": 1,
            }
        ),
        phases={"files": 0.01, "model": 0.125},
    )
    run = shop(figures=replace(FIGURES, partial_tables=3))
    run = replace(run, statistics=statistics, baselined=run.findings[:1])
    assert render(run) == (
        "rule              error  warning  note  suppressed  baselined\n"
        "injected-sample       -        2     -           3          -\n"
        "other-sample          -        -     -           1          -\n"
        "unindexed-sample      1        -     1           -          1\n"
        "all                   1        2     1           4          1\n"
        "\n"
        "3 of 12 tables partly known; rules about absences are silent there:\n"
        "     3  a column is not known: a spread\n"
        "     1  the columns of a foreign key are not known\n"
        "     1  the name of an index is not known\n"
        "\n"
        "time: files 0.010 s, model 0.125 s, all 0.215 s\n"
    )


def test_nothing_found() -> None:
    assert render(result({})) == (
        "rule              error  warning  note  suppressed  baselined\n"
        "injected-sample       -        -     -           -          -\n"
        "unindexed-sample      -        -     -           -          -\n"
        "all                   0        0     0           0          0\n"
        "\n"
        "0 of 12 tables partly known\n"
        "\n"
        "time: all 0.215 s\n"
    )
