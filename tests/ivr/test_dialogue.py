"""The menu: whatever the caller does, a decision comes of it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.dialogue import (
    LANGUAGE_SWITCHES,
    SPEAKING_LIMIT_S,
    Decided,
    Dialogue,
    DialogueEvent,
    Digit,
    Listening,
    MenuDialogue,
    Silence,
    Speaking,
    Spoken,
)
from ivr.menu import Menu
from ivr.prompt import Prompt
from routing.moment import Instant
from routing.operator import Language
from routing.service import ServiceId

ID, EN = Language("id"), Language("en")
MEDIS, UMUM = ServiceId("medis"), ServiceId("umum")
AT = Instant(100.0)
FIRST_DIGIT_S = 3.0


def make_menu(
    *,
    repeats: int = 0,
    wrong: int = 1,
    languages: tuple[Language, ...] = (ID, EN),
    first_digit_s: float = FIRST_DIGIT_S,
) -> Menu:
    """One service on key 1."""
    return Menu(
        languages=languages,
        keys={"1": MEDIS},
        first_digit_s=first_digit_s,
        repeats=repeats,
        wrong_key_repeats=wrong,
    )


def play(menu: Menu, *events: DialogueEvent) -> Dialogue:
    """The state after these events."""
    dialogue = MenuDialogue(menu, UMUM)
    state: Dialogue = dialogue.begin(at=AT)
    for event in events:
        assert not isinstance(state, Decided)
        state = dialogue.step(state, event, at=AT)
    return state


def decision(menu: Menu, *events: DialogueEvent) -> tuple[ServiceId, str]:
    """The service that these events lead to, and why."""
    state = play(menu, *events)
    assert isinstance(state, Decided)
    return state.service, state.because.text


def test_it_begins_with_the_menu_in_the_first_language() -> None:
    """What is to be said before comes in front, in one go."""
    state = MenuDialogue(make_menu(), UMUM).begin(at=AT, before=(Prompt.ZONE_ANNOUNCE,))
    assert state.prompts == (Prompt.ZONE_ANNOUNCE, Prompt.MENU)
    assert state.language == ID
    assert state.deadline == AT + SPEAKING_LIMIT_S


@pytest.mark.parametrize("before", [(), (Spoken(),)])
def test_a_key_decides_during_and_after_the_prompt(before: tuple[DialogueEvent, ...]) -> None:
    """Barge-in is no special case."""
    assert decision(make_menu(), *before, Digit("1")) == (MEDIS, "pressed 1")


def test_the_human_key_leads_to_the_default_service() -> None:
    """0 reaches a human directly."""
    assert decision(make_menu(), Digit("0")) == (UMUM, "pressed 0 for a human")


def test_silence_leads_to_a_human_after_the_repeats() -> None:
    """The menu is spoken again as often as the settings say."""
    assert decision(make_menu(), Spoken(), Silence()) == (UMUM, "pressed nothing")
    again = play(make_menu(repeats=1), Spoken(), Silence())
    assert isinstance(again, Speaking)
    assert decision(make_menu(repeats=1), Spoken(), Silence(), Spoken(), Silence())[0] == UMUM


def test_the_first_digit_is_awaited_from_the_end_of_the_prompt() -> None:
    """The deadline is that of the settings; a prompt whose end is never told counts as spoken."""
    for event in (Spoken(), Silence()):
        state = play(make_menu(), event)
        assert isinstance(state, Listening)
        assert state.deadline == AT + FIRST_DIGIT_S


def test_a_late_end_of_a_prompt_changes_nothing() -> None:
    """Told twice, the first time counts."""
    assert play(make_menu(), Spoken(), Spoken()) == play(make_menu(), Spoken())


def test_wrong_keys_lead_to_a_human() -> None:
    """The first is forgiven with a word and the menu, the next is not."""
    state = play(make_menu(), Digit("7"))
    assert isinstance(state, Speaking)
    assert state.prompts == (Prompt.WRONG_KEY, Prompt.MENU)
    assert decision(make_menu(), Digit("7"), Digit("#")) == (UMUM, "pressed #, no such key")


def test_the_language_key_goes_round() -> None:
    """Each press speaks the menu in the next language, the last is followed by the first."""
    menu = make_menu()
    spoken = [play(menu, *[Digit("9")] * presses) for presses in (0, 1, 2)]
    assert [state.language for state in spoken] == [ID, EN, ID]


def test_a_stuck_language_key_leads_to_a_human() -> None:
    """It cannot go round for ever."""
    presses = [Digit("9")] * (LANGUAGE_SWITCHES + 1)
    assert decision(make_menu(), *presses) == (UMUM, "the language key is stuck")


def test_with_one_language_the_language_key_is_a_wrong_key() -> None:
    """There is nothing to switch to."""
    menu = make_menu(languages=(ID,), wrong=0)
    assert decision(menu, Digit("9")) == (UMUM, "pressed 9, no such key")


@settings(deadline=None)
@given(
    st.lists(
        st.one_of(
            st.builds(Digit, st.sampled_from("1234567890*#ABCD")),
            st.just(Spoken()),
            st.just(Silence()),
        ),
        min_size=40,
        max_size=40,
    ),
    st.integers(0, 3),
    st.integers(0, 3),
)
def test_forty_events_of_any_kind_are_enough_for_a_decision(
    events: list[DialogueEvent], repeats: int, wrong: int
) -> None:
    """Followed by silence, every path ends with a service, in a bounded number of steps."""
    dialogue = MenuDialogue(make_menu(repeats=repeats, wrong=wrong), UMUM)
    state: Dialogue = dialogue.begin(at=AT)
    for event in [*events, *[Silence()] * 20]:
        if isinstance(state, Decided):
            break
        state = dialogue.step(state, event, at=AT)
    assert isinstance(state, Decided)
    assert state.service in {MEDIS, UMUM}
