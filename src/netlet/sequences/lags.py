"""How long the windows of a forecast are, and which seasons they hold."""

from __future__ import annotations

from collections.abc import Sequence

from netlet.sequences.grid import Grid
from netlet.sequences.seasons import seasons_of
from netlet.sequences.series import Series

_LAGS_WITHOUT_SEASON = 16


def lags_and_seasons(
    series: Sequence[Series], grid: Grid, horizon: int, lags: int | None, season: int | None
) -> tuple[int, tuple[int, ...]]:
    """Return the lags and the seasons, the shortest first; None stands for what suits the series.

    Parameters
    ----------
    series : sequence of Series
        What is learnt from.
    grid : Grid
    horizon : int
    lags, season : int, optional
        As of `Forecaster`.

    Raises
    ------
    ValueError
        If a window does not hold the season, or the longest series is too short for two windows.
    """
    longest = max(len(each) for each in series)
    seasons: tuple[int, ...]
    if season is not None:
        seasons = (season,) if season else ()
    else:
        seasons = seasons_of(grid, [each.values for each in series], horizon)
    room = longest - horizon
    if lags is None:
        wanted = _LAGS_WITHOUT_SEASON
        if seasons:
            wanted = max(seasons[-1] + seasons[0], 2 * seasons[0])
        least = seasons[-1] if seasons else 1
        lags = int(max(min(max(wanted, horizon), room // 2), least))
    else:
        given = lags
        seasons = tuple(each for each in seasons if each <= given)
        if season and not seasons:
            raise ValueError(f"lags={lags} is less than season={season}; a window must hold a season")
    if room < lags + 1:
        raise ValueError(
            f"the longest series has {longest} values to learn from; {lags} lags and a horizon of "
            f"{horizon} need at least {lags + horizon + 1}; use fewer lags or a shorter horizon"
        )
    return lags, seasons
