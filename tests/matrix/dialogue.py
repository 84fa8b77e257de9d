"""The dialogue's table: what the menu makes of each event."""

from itertools import product

from ivr.dialogue import (
    LANGUAGE_SWITCHES,
    Decided,
    Dialogue,
    DialogueEvent,
    MenuDialogue,
)
from ivr.prompt import Prompt
from routing.moment import Instant
from tests.ivr.test_dialogue import EN, ID, UMUM, make_menu
from tests.matrix.cell import Case
from tests.matrix.sample import Values, members, samples
from tests.matrix.table import Step, Table, outcome

AT = Instant(100.0)
ONE, SEVERAL = "one language", "several languages"
MENUS = {
    SEVERAL: MenuDialogue(make_menu(repeats=1), UMUM),
    ONE: MenuDialogue(make_menu(repeats=1, languages=(ID,)), UMUM),
}
VALUES: Values = {
    "language": {"": ID},
    "prompts": {"": (Prompt.MENU,)},
    "deadline": {"": AT},
    "silences": {"menu may be repeated": 0, "menu was repeated": 1},
    "wrong_keys": {"wrong keys allowed": 0, "wrong keys used up": 1},
    "switches": {"language may be switched": 0, "switches used up": LANGUAGE_SWITCHES},
    "failed": {"played": False, "failed": True},
    "digit": {"service key": "1", "human key": "0", "language key": "9", "other key": "7"},
}
ENDED = "the dialogue has ended: the call is `Waiting` and asks it nothing more"


def _stepped() -> list[Step[Dialogue, DialogueEvent, str]]:
    found = []
    for kind in members(Dialogue):
        if kind is Decided:
            continue  # by its type it cannot be stepped: MenuDialogue.step takes the other two
        for (languages, menu), state, event in product(
            MENUS.items(), samples(kind, VALUES), samples(DialogueEvent, VALUES)
        ):
            after = menu.step(state.value, event.value, at=AT)
            name = type(after).__name__
            done = () if after == state.value else _said(after)
            case = Case(
                {"languages": languages, **state.facets, **event.facets},
                name,
                outcome(name, (), same=after == state.value) + "".join(f": {d}" for d in done),
            )
            found.append(Step(kind.__name__, state.value, event.value, after, done, case))
    return found


def _said(after: Dialogue) -> tuple[str, ...]:
    """What the caller hears next, or whom the decision is for."""
    if isinstance(after, Decided):
        return ("the default service" if after.service == UMUM else "the chosen service",)
    prompts: tuple[str, ...] = getattr(after, "prompts", ())
    if not prompts:
        return ()
    other = " in the next language" if after.language == EN else ""
    return (f"plays {' and '.join(prompts)}{other}",)


def table() -> Table[Dialogue, DialogueEvent, str]:
    """Drawn from the code as it is now."""
    events = tuple(event.__name__ for event in members(DialogueEvent))
    return Table(
        title="The dialogue",
        about="`ivr/dialogue.py`, while the call is `InMenu`. Sampled with one repeat of the menu.",
        states=tuple(kind.__name__ for kind in members(Dialogue)),
        events=events,
        begins={"begin": type(MENUS[SEVERAL].begin(at=AT)).__name__},
        steps=_stepped(),
        unreachable={(Decided.__name__, event): ENDED for event in events},
    )
