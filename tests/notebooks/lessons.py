"""The lessons: what each needs, writes and comes to, and the fixtures that run one.

The numbers that lessons on real data come to are worked out again in tests from the files, in other ways.
"""

from __future__ import annotations

import json
import os
import warnings
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))
PROMISED = {
    "01_who_can_walk_there.ipynb": ["library_walk.html"],
    "02_measures_side_by_side.ipynb": ["measures_side_by_side.html"],
    "03_how_unequal.ipynb": ["how_unequal.html", "how_unequal.fa.html", "how_unequal_curves.png"],
    "04_iran_counties.ipynb": ["iran_unemployment.html", "iran_unemployment.fa.html"],
    "05_a_century_of_us_states.ipynb": ["us_states.html"],
    "06_digital_divide_chicago.ipynb": ["chicago_divide.html", "chicago_divide.fa.html"],
    "07_kiosks_and_the_offline_new_york.ipynb": [
        "kiosks_new_york.html",
        "kiosks_new_york.fa.html",
        "public_wifi_curves.png",
    ],
    "08_availability_is_not_use.ipynb": ["availability_is_not_use.html", "availability_is_not_use.fa.html"],
    "09_by_bus_and_train.ipynb": ["by_bus_and_train.html", "by_bus_and_train.fa.html"],
    "10_what_would_change_it.ipynb": ["what_would_change_it.html"],
    "13_burdens_and_green_chicago.ipynb": ["burdens_and_green.html", "burdens_and_green.fa.html"],
    "12_who_takes_part.ipynb": ["who_takes_part.html", "who_takes_part.fa.html"],
    "11_small_and_large_cities_of_iran.ipynb": ["small_and_large_cities_of_iran.html"],
    "14_where_to_look_next.ipynb": ["where_to_look_next.html", "where_to_look_next.fa.html"],
    "15_own_zones_and_matrix.ipynb": ["own_zones_and_matrix.html"],
    "16_for_r_users.ipynb": ["for_r_users.html"],
    "17_a_papers_figure.ipynb": ["figure_1.pdf", "figure_1.png", "figure_2.pdf"],
    "18_from_notebook_to_study.ipynb": ["results/index.html", "results/map.html", "results/provenance.json"],
}
# Lessons whose numbers are worked out again in test_lessons_digital; they run there, so that no lesson runs twice.
DIGITAL = {name for name in PROMISED if name.startswith(("06", "07", "08"))}
# Files that the package does not carry, of lessons that need some.
DATA = {
    "04_iran_counties.ipynb": ["iran/iran_counties_2016.gpkg"],
    "06_digital_divide_chicago.ipynb": [
        "chicago/chicago_community_areas_internet_2019.gpkg",
        "chicago/chicago_health_facilities.gpkg",
    ],
    "07_kiosks_and_the_offline_new_york.ipynb": [
        "new_york/LinkNYC_Locations.csv",
        "new_york/NYC_Wi-Fi_Hotspot_Locations.csv",
    ],
    "09_by_bus_and_train.ipynb": [
        "porto_alegre/poa_eptc.zip",
        "porto_alegre/poa_trensurb.zip",
        "porto_alegre/poa_osm.pbf",
        "porto_alegre/poa_hexgrid.csv",
        "sao_paulo/fares_poa.zip",
    ],
    "11_small_and_large_cities_of_iran.ipynb": [
        "cities/iran_90_cities_cells.parquet",
        "cities/cityaccessmap_3261_cities.csv",
    ],
    "12_who_takes_part.ipynb": [
        "participation/pabulib_elections.csv",
        "participation/pabulib_voters.parquet",
        "participation/pabulib_projects.parquet",
        "participation/warsaw_districts.gpkg",
    ],
    "13_burdens_and_green_chicago.ipynb": [
        "chicago/chives_environment_tracts.csv",
        "chicago/chicago_health_facilities.gpkg",
        "chicago/chicago_community_areas_internet_2019.gpkg",
    ],
}
# What a lesson came to, by the names of its variables; a cell at its end writes it down.
NUMBERS = {
    "03_how_unequal.ipynb": "table=table.to_dict(), gaps=gaps['mean'].to_dict(), moran=moran['statistic'], "
    "statistic=clusters['statistic'].to_dict(), counted=counted.to_dict(), finding=finding, "
    "shown=[poorest, richest, few], low=measures['low'].tolist(), value=measures['value'].tolist(), "
    "high=measures['high'].tolist(), cluster_people=cluster_people.to_dict(), said=said",
    "04_iran_counties.ipynb": "moran=moran['statistic'], columns=clusters.astype(object).to_dict(), before=before, "
    "after=after, found=found, shown=[people, hot.sum(), len(by_province)], national=national, between=between",
    "05_a_century_of_us_states.ipynb": "sigma=sigma['coefficient_of_variation'].to_dict(), least=least, "
    "speeds=speeds['speed'].to_dict(), tau=ranks['tau'].tolist(), test=[test['q'], test['lr']], "
    "leaving=leaving[1].to_dict(), worst={str(year): sorted(found.index[found['label'] == '1']) for year, found in "
    "regions.items()}",
    "06_digital_divide_chicago.ipynb": "differ=differ.reset_index().to_dict('list'), beyond=beyond.index.tolist(), "
    "apart=apart, aside=[len(aside), aside.sum()], tracts=chicago.index.tolist(), correlation=correlation.to_dict(), "
    "index=index.to_dict('list'), ranges=ranges.to_dict('list'), hidden=hidden, moran=moran['statistic'], "
    "clusters=clusters.astype(object).to_dict(), after=after, both=int(both.sum()), race=by_race['mean'].to_dict(), "
    "income=by_income['mean'].to_dict(), gap=by_income.loc['1 of 5'].drop('note').to_dict(), places=len(places), "
    "totals=totals.to_dict(), shown=[poorest, richest, least, most], finding=finding",
    "07_kiosks_and_the_offline_new_york.ipynb": "ledger=ledger.to_dict('list'), kinds=places['service'].tolist(), "
    "counted=counted.to_dict(), covered=covered.to_dict(), income=by_income['mean'].to_dict(), how_many=[how_many.low, "
    "how_many.value, how_many.high], near_one=[near_one.low, near_one.value, near_one.high], elsewhere=[elsewhere.low, "
    "elsewhere.value, elsewhere.high], within_reach=within_reach.to_dict(), shown=[far, *shown.values()], "
    "finding=said",
    "08_availability_is_not_use.ipynb": "by_year=by_year.to_dict(), without=len(without), moran=moran.to_dict(), "
    "clusters=clusters.astype(object).to_dict(), before=before, after=after, spots=spots.astype(object).to_dict(), "
    "hasty=(hasty['p_adjusted'] <= 0.05).sum(), change=both[['available', 'used', 'gap']].mean().to_dict(), "
    "known=len(both), fell=fell, jumped=jumped.sum(), closed=(both['gap'] < 0).sum(), "
    "calmer=both.loc[~jumped, 'gap'].mean(), shown=[*share[2020], *share[2019], hot.sum()], finding=finding",
    "10_what_would_change_it.ipynb": "plans={goal: list(plan.index) for goal, plan in plans.items()}, office=office, "
    "measures=everybody[measures].to_dict('index'), fifths=by_group.to_dict('index'), "
    "refused=refused.to_dict('index'), prices=prices.reset_index().to_dict('records'), "
    "kept=[kept_with_noise, kept_with_goals], regret=regret.max()",
    "15_own_zones_and_matrix.ipynb": "within=within.to_dict('list'), served=served['people'].to_dict(), same=same, "
    "gini=unequal.loc['schools'].to_dict(), minutes=minutes.to_dict()",
    "16_for_r_users.ipynb": "ours=ours, published=published, answers={name: one.to_dict() for name, one in "
    "answers.items()}",
    "17_a_papers_figure.ipynb": "ways=ways['library'].tolist(), people=people[known].tolist(), "
    "gini=table['value'].iloc[0], left_out=left_out, everybody=people.sum(), data=citation.data",
    "18_from_notebook_to_study.ipynb": "tried=tried['people'].to_dict(), told=row.to_dict(), "
    "dates=[source.data_date for source in checked.sources], "
    "verified=[finding.severity for finding in sj.study.verify('results')]",
    "12_who_takes_part.ipynb": "least=at_least[2018].to_dict(), rate=rate['ballots_per_1000_people'].to_dict(), "
    "old=old.dropna().to_dict(), apart=choices['beside_the_others'].loc[('75+', '35–44')], "
    "money=all_years['cost_per_person'].to_dict(), said=finding",
    "11_small_and_large_cities_of_iran.ipynb": "missing=missing['name'].tolist(), lost=labels.attrs['lost'], "
    "ilam=ilam, held=held[ilam], ranges=ranges['squares'].to_list() + ranges['cells'].to_list(), least=least, "
    "few=few.sum(), "
    "size=size.astype(str).to_dict(), by_size={name: found['mean'].to_dict() for name, found in by_size.items()}, "
    "parts={name: found['value'].to_dict() for name, found in parts.items()}, first=both['measured'].idxmax(), "
    "place=ranks.loc[both['measured'].idxmax(), ['low', 'high']].tolist(), "
    "apart=[bool((found['difference_low'] > 0).any() or (found['difference_high'] < 0).any()) for found in "
    "by_size.values()], "
    "against={name: row[['value', 'median', 'cities', 'share_better_off']].to_dict() for name, row in "
    "against.items()}, finding=finding",
}
WRITE = """
import json
from pathlib import Path

Path("numbers.json").write_text(json.dumps(dict({numbers}), default=float))
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what runs a notebook, so that ``-m "not lesson"`` leaves it out."""
    for item in items:
        if "executed" in getattr(item, "fixturenames", ()):
            item.add_marker("lesson")


@pytest.fixture(scope="session")
def executed(tmp_path_factory, shared_data):
    """Run a notebook, once, in an empty folder, which is returned."""
    folders = {}

    def run(name):
        files = [shared_data(file) for file in DATA.get(name, [])]
        if name not in folders:
            folder = tmp_path_factory.mktemp("notebook")
            path = next(path for path in NOTEBOOKS if path.name == name)
            notebook = nbformat.read(path, as_version=4)
            if name in NUMBERS:
                notebook.cells.append(nbformat.v4.new_code_cell(WRITE.format(numbers=NUMBERS[name])))
            resources = {"metadata": {"path": str(folder)}}
            with pytest.MonkeyPatch.context() as patch:
                # Warnings inside the notebook are errors: a lesson must not teach readers to ignore them.
                allowed = "default::DeprecationWarning,default::PendingDeprecationWarning"
                # Findings are warnings, too, which a lesson speaks of where they matter.
                patch.setenv("PYTHONWARNINGS", f"error,{allowed},ignore:::spatialjustice")
                patch.setenv("PYTHONHASHSEED", os.environ.get("PYTHONHASHSEED", "0"))
                patch.delenv("SPATIALJUSTICE_DATA", raising=False)
                if files:
                    patch.setenv("SPATIALJUSTICE_DATA", str(files[0].parents[1]))
                NotebookClient(
                    notebook, timeout=1800, startup_timeout=600, kernel_name="python3", resources=resources
                ).execute()
            folders[name] = folder
        return folders[name]

    return run


def keeps_its_promises(folder, name):
    """Look for the pages and pictures that a lesson promises, in each language."""
    for file in PROMISED[name]:
        assert (folder / file).stat().st_size > 10_000
    for file in [file for file in PROMISED[name] if file.endswith(".fa.html")]:
        assert '<html lang="fa" dir="rtl"' in (folder / file).read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def numbers(executed):
    return lambda name: json.loads((executed(name) / "numbers.json").read_text(encoding="utf-8"))


def against_esda(values, frame, moran, statistic):
    """Compare Moran's I, global and local, with esda's on neighbours that libpysal finds by shared corners."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import esda
        from libpysal.graph import Graph

        neighbours = Graph.build_contiguity(frame, rook=False).transform("r")
        assert not len(neighbours.isolates)
        assert moran == pytest.approx(esda.Moran(values, neighbours, permutations=0).I, rel=1e-9)
        theirs = esda.Moran_Local(values, neighbours, permutations=0).Is
    np.testing.assert_allclose([statistic[label] for label in values.index], theirs, rtol=1e-8, atol=1e-12)
