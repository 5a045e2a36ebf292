"""Assessments in one line, for tests of candidates."""

import resolvers.hiring
from domain.assessments import Task
from domain.values import AssessmentId
from persistence.database import Urls
from tests.make_context import NOW


async def create_assessment(urls: Urls, slug: str, title: str = "Task", **asked: object) -> AssessmentId:
    """An assessment of an organisation, made when new; `asked` are any fields of Task."""
    return (await resolvers.hiring.create_assessment(urls, slug, Task(title, **asked), NOW)).id
