"""What queries are stored in: how their results are drawn, and kinds that are stored but not computed."""

from typing import Annotated, Literal, TypeAlias

from pydantic import ConfigDict, Field

from domain.insights.query_fields import SHOWN, Anything, Node
from domain.insights.query_models import Display, HogQLQuery, Insight
from domain.insights.query_parts import Text


class InsightVizNode(Node):
    kind: Literal["InsightVizNode"]
    source: Annotated[Insight, Field(discriminator="kind")]
    full: Annotated[bool | None, SHOWN] = None
    show_header: Annotated[bool | None, SHOWN] = None
    show_table: Annotated[bool | None, SHOWN] = None
    show_correlation_table: Annotated[bool | None, SHOWN] = None
    show_last_computation: Annotated[bool | None, SHOWN] = None
    show_last_computation_refresh: Annotated[bool | None, SHOWN] = None
    show_filters: Annotated[bool | None, SHOWN] = None
    show_results: Annotated[bool | None, SHOWN] = None
    embedded: Annotated[bool | None, SHOWN] = None
    suppress_session_analysis_warning: Annotated[bool | None, SHOWN] = None
    hide_persons_modal: Annotated[bool | None, SHOWN] = None
    hide_tooltip_on_scroll: Annotated[bool | None, SHOWN] = None
    viz_specific_options: Annotated[Anything, SHOWN] = None
    version: Annotated[float | None, SHOWN] = None
    response: Annotated[Anything, SHOWN] = None


class DataVisualizationNode(Node):
    kind: Literal["DataVisualizationNode"]
    source: HogQLQuery
    display: Annotated[Display | None, SHOWN] = None
    chart_settings: Annotated[Anything, SHOWN] = None
    table_settings: Annotated[Anything, SHOWN] = None
    version: Annotated[float | None, SHOWN] = None
    response: Annotated[Anything, SHOWN] = None


class TableSource(Node):
    """Kinds that tables can show elsewhere: stored whole, never computed here."""

    model_config = ConfigDict(extra="allow")
    kind: Literal[
        "EventsNode", "EventsQuery", "PersonsNode", "ActorsQuery", "GroupsQuery", "SessionAttributionExplorerQuery",
        "SessionsQuery", "TracesQuery", "TraceQuery", "ErrorTrackingQuery",
    ]  # fmt: skip


class DataTableNode(Node):
    kind: Literal["DataTableNode"]
    source: Annotated[Insight | HogQLQuery | TableSource, Field(discriminator="kind")]
    columns: Annotated[tuple[Text, ...] | None, SHOWN] = None
    hidden_columns: Annotated[tuple[Text, ...] | None, SHOWN] = None
    pinned_columns: Annotated[tuple[Text, ...] | None, SHOWN] = None
    default_columns: Annotated[tuple[Text, ...] | None, SHOWN] = None
    full: Annotated[bool | None, SHOWN] = None
    show_event_filter: Annotated[bool | None, SHOWN] = None
    show_search: Annotated[bool | None, SHOWN] = None
    show_property_filter: Annotated[Anything, SHOWN] = None
    show_test_account_filters: Annotated[bool | None, SHOWN] = None
    show_hogql_editor: Annotated[bool | None, SHOWN, Field(alias="showHogQLEditor")] = None
    show_actions: Annotated[bool | None, SHOWN] = None
    show_date_range: Annotated[bool | None, SHOWN] = None
    show_export: Annotated[bool | None, SHOWN] = None
    show_reload: Annotated[bool | None, SHOWN] = None
    show_elapsed_time: Annotated[bool | None, SHOWN] = None
    show_timings: Annotated[bool | None, SHOWN] = None
    show_column_configurator: Annotated[bool | None, SHOWN] = None
    show_persistent_column_configurator: Annotated[bool | None, SHOWN] = None
    show_saved_queries: Annotated[bool | None, SHOWN] = None
    show_saved_filters: Annotated[bool | None, SHOWN] = None
    expandable: Annotated[bool | None, SHOWN] = None
    properties_via_url: Annotated[bool | None, SHOWN] = None
    allow_sorting: Annotated[bool | None, SHOWN] = None
    show_open_editor_button: Annotated[bool | None, SHOWN] = None
    show_results_table: Annotated[bool | None, SHOWN] = None
    embedded: Annotated[bool | None, SHOWN] = None
    context: Annotated[Anything, SHOWN] = None
    tags: Annotated[Anything, SHOWN] = None
    version: Annotated[float | None, SHOWN] = None
    response: Annotated[Anything, SHOWN] = None


class HogQuery(Node):
    """A program. It is stored and never run."""

    kind: Literal["HogQuery"]
    code: Annotated[str, Field(max_length=20_000)] | None = None
    modifiers: Annotated[Anything, SHOWN] = None
    tags: Annotated[Anything, SHOWN] = None
    version: Annotated[float | None, SHOWN] = None
    response: Annotated[Anything, SHOWN] = None


Wrapper: TypeAlias = InsightVizNode | DataVisualizationNode | DataTableNode | HogQuery
"""What an insight can be stored as."""
