"""The words of questions about a city as a whole; part of the one vocabulary (``vocabulary.py``)."""

from __future__ import annotations

from spatialjustice._core.names.word import Word

ENVIRONMENT: dict[str, Word] = {
    "exposures": Word("what zones are exposed to, one column or Series for each", "their own"),
    "environmental_effects": Word("environmental effects that are farther from people than exposures", "their own"),
    "sensitive": Word("populations that a burden harms more: the ill, children, the old", "their own"),
    "socioeconomic": Word("what makes people vulnerable: poverty, little education", "their own"),
    "demographic": Word("shares of people whom burdens fall upon", "0 to 1"),
    "burden": Word("one burden of each zone", "its own"),
    "burdened": Word("the share of each zone's people who bear a burden", "0 to 1"),
    "guideline": Word("the level of an exposure that somebody set, by its key or as a number", "that of the exposure"),
    "averaging": Word("the period that an exposure is the mean of (annual, summer, day)"),
    "holds": Word("what the numbers of a column are: amounts, shares or percentages"),
    "complement": Word("whether what is left of the whole is taken: land without trees"),
    "people_raster": Word("a raster of people, by whom the cells of another raster are weighed"),
    "earlier": Word("the values of the first of two dates", "their own"),
    "later": Word("the values of the second of two dates", "their own"),
    "stated": Word("changes as somebody states them, to be compared and not used", "that of the values"),
}
"""What people are exposed to."""

PARTICIPATION: dict[str, Word] = {
    "reports": Word("what residents report to their city: how many in each zone, or a row for each", "reports"),
    "incidents": Word("what is reported, a row for each with its observed life and repeated reports"),
    "lagged": Word("whether the need of neighbouring zones explains, too"),
    "spread": Word("whether the spread by chance is taken from the middle half of the zones, or from the model"),
    "distribution": Word("which distribution counts have by chance"),
    "overdispersion": Word("how it is allowed for that counts vary more than by chance"),
    "ends": Word("columns that say when something was not there any more"),
    "life": Word("how long something lasts if nobody reports it", "days"),
    "time_zone": Word("where the clocks stand of times that do not say it"),
    "time_format": Word("how times are written, as for strptime"),
}
"""Reports, ballots and projects."""

BALLOTS: dict[str, Word] = {
    "ballots": Word("ballots of a vote, counted by kind; a ballot is no person", "ballots"),
    "elections": Word("votes on a budget: where, when, for whom"),
    "votes": Word("votes on a budget that were read from their own files, by id"),
    "projects": Word("projects that people voted on: what each costs, whether it was selected, where it is"),
    "meta": Word("what a vote says about itself, by key"),
    "money": Word("what a person of each zone has of projects: their cost within reach, or for each person", "money"),
    "clusters": Word("the column of what is drawn anew as a whole, for example districts"),
    "category": Word("the class that is looked at, for example a way to vote"),
}
"""Votes on a city's budget, and what they pay for."""

CITIES: dict[str, Word] = {
    "city": Word("the column that says which city a row is in; of one city, its id"),
    "cut_at": Word("the value at which measurements were cut: it stands for so much or more", "unit of the values"),
    "cells": Word("how many cells, or blocks of them, each estimate rests on"),
    "compared": Word("what is compared: folders of finished runs, or one table of cells or cities"),
    "about": Word("a table with a row for each city, joined by its id"),
    "standard_error": Word("the standard error of each estimate", "unit of the estimates"),
}
"""Cities beside one another."""

COMPONENTS_AND_DIMENSIONS: dict[str, Word] = {
    "outcomes": Word("what is to be explained, a column each, by dimension of sustainability", "their own"),
    "controls": Word("what is held equal when an indicator and an outcome are looked at, a column each"),
    "effects": Word("what goes with what: the table of cities.effects"),
    "ratio": Word("how many times as likely something is", "1 where it is as likely"),
    "t_value": Word("an estimate divided by its standard error"),
    "degrees_of_freedom": Word("rows less coefficients"),
}
"""Which component goes with which dimension."""

MONITORING: dict[str, Word] = {
    "history": Word("indicators of zones on several dates, as ``history`` reads them"),
    "since": Word("the date from which a change is counted"),
    "until": Word("the date up to which a change is counted"),
    "statistic": Word("the one number that stands for all zones: mean, worst_tenth, gap"),
    "rules": Word("when to look at an indicator, stated beforehand"),
    "inputs": Word("what a measure is made of, by name: each as it was and as it is"),
    "reason": Word("why nothing was measured"),
    "bridge": Word("whether an earlier date is measured again with what is used now"),
    "replace": Word("whether what is there is to be replaced"),
    "zone": Word("the column that holds the ids of zones"),
    "wait": Word("how long to wait for another call to end", "seconds"),
}
"""Indicators over time."""

PREDICTION: dict[str, Word] = {
    "model": Word("what was learned from zones where it is known, by ``risk_model``"),
    "blocks": Word("what is drawn or held out together, since neighbours are alike: regions, or the side of squares"),
    "folds": Word("in how many parts the blocks are held out, one after the other"),
    "called": Word("what readers know columns and groups by; by language if need be"),
}
"""Models of what nobody has measured."""

REMOTE_AND_POVERTY: dict[str, Word] = {
    "able": Word("who could use a service online, had they a connection (device, skills), or proxies", "0 to 1"),
    "connected": Word("who has a connection", "0 to 1"),
    "remote_share": Word("the part of a service that is given online", "0 to 1"),
    "remote_value": Word("what a remote contact counts beside one at a place", "0 to 1"),
    "lacks": Word("what each zone or person lacks: 1, 0, or missing where it is not known"),
    "gaps": Word("how far below each line each zone or person is", "part of the line"),
    "multiple": Word("at which part, or multiple, of the median a line lies"),
    "baskets": Word("who has a basket of services, as ``basket`` returns it"),
}
"""Services that are also given online, several lacks at once, baskets of services."""

CITY_WORDS: dict[str, Word] = {
    **ENVIRONMENT,
    **PARTICIPATION,
    **BALLOTS,
    **CITIES,
    **COMPONENTS_AND_DIMENSIONS,
    **MONITORING,
    **PREDICTION,
    **REMOTE_AND_POVERTY,
}
