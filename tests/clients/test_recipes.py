"""What docs/graphql.md shows of a client is what `make clients` runs."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
PAGE = (HERE.parents[1] / "docs" / "graphql.md").read_text()
RECIPES = sorted([*HERE.glob("recipes/*.*"), HERE / "codegen" / "codegen.yml"])


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_the_page_shows_the_recipe_as_it_runs(recipe: Path) -> None:
    assert f"\n{recipe.read_text()}```\n" in PAGE
