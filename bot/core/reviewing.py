"""Who may review an emergency, and how a review is told."""

from __future__ import annotations

from bot.core.errors import UserError
from bot.core.records import Deployment
from bot.core.reviews import REVIEWERS, Review
from bot.core.text import Icon, Mention, Moment, Span, Text, bold, code, line
from bot.core.visible import clip

LONGEST_REASON = 300


def open_review(deployment: Deployment) -> Review:
    """The review of it; UserError where there is none, or it is closed."""
    if deployment.review is None:
        raise UserError(
            f"#{deployment.number} has no review.",
            "Only emergencies have one, from the moment they start.",
            "`/review` lists those that are open.",
        )
    if deployment.review.closed:
        names = " and ".join(each.name for each in deployment.review.opinions)
        raise UserError(f"The review of #{deployment.number} is closed.", f"{names} closed it.")
    return deployment.review


def review_text(deployment: Deployment) -> Text:
    """How far its review is: who said what, and until when the others have time."""
    review = deployment.review
    if review is None:
        return Text(())
    text = line(Icon("mag"), " ", bold("Review"), *_standing(review))
    for each in review.opinions:
        said: list[Span | str] = [Mention(each.person, each.name), f" · {each.finding} "]
        text += line(*said, Moment(each.at), f" because {clip(each.reason, LONGEST_REASON)}")
    if not review.closed:
        text += line(
            "Whoever did not ask for it: ",
            code(f"/review #{deployment.number} ok because ..."),
            ", or ",
            code("not-ok"),
        )
    return text


def _standing(review: Review) -> tuple[Span | str, ...]:
    if review.closed:
        return (" · closed: right",) if review.well else (" · closed: ", bold("not right"))
    count = f" · {len(review.opinions)} of {REVIEWERS}, "
    return (count, "was due " if review.reminded else "due ", Moment(review.due_at))
