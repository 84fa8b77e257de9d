"""Core steps per second on one core: the floor serving calls, without Asterisk (DESIGN §12).

One cycle is a call's way over the floor: queued, rung, answered, over. `--waiting` callers wait
meanwhile for operators who are all busy.
"""

import argparse
import random
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from routing.floor import Floor
from routing.moment import Instant, Moment
from routing.note import CallId
from routing.offer import Enqueue, FloorEvent, LegAnswered, LegGone, LegRinging, Offer, Withdraw
from routing.plan import Plan
from routing.service import GroupId, ServiceId, Strategy
from tests.routing.centre import DAMKAR, MEDIS, make_plan

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


STEP_S = 4.0
"""Between two steps: a talk is a real one, and no phone rings for too long."""
FOR_EVER_S = 1e9


class Counted:
    """A floor, its clock, and how often it was stepped."""

    def __init__(self, strategy: Strategy, *, is_asked: bool) -> None:
        self._is_asked = is_asked
        draw = random.Random(112).random  # noqa: S311 - the same each time
        self.floor = Floor(patient(make_plan(strategy=strategy)), "b", draw)
        self.steps = 0
        self._now = 100.0

    def tell(self, event: FloorEvent) -> list[Offer]:
        """Steps; the legs that are withdrawn are gone at once."""
        self._now += STEP_S
        self.steps += 1
        at = Moment(Instant(self._now), START + timedelta(seconds=self._now))
        commands = self.floor.step(event, at=at)
        for command in commands:
            if isinstance(command, Withdraw):
                self.tell(LegGone(command.offer, 26))
        if self._is_asked:
            self.floor.deadline()
        return [command for command in commands if isinstance(command, Offer)]

    def call(self, name: str, service: ServiceId) -> list[Offer]:
        """A caller joins the queue."""
        return self.tell(Enqueue(call=CallId(name), service=service, arrived=self._now))


def patient(plan: Plan) -> Plan:
    """Whoever waits for the fire brigade does so for its one operator, and rings nobody else."""
    groups = plan.catalogue.hunt_groups
    damkar = replace(groups[GroupId("damkar")], busy_wait_s=FOR_EVER_S)
    more = {**groups, GroupId("damkar"): damkar}
    return replace(plan, catalogue=replace(plan.catalogue, hunt_groups=more))


def measured(strategy: Strategy, cycles: int, waiting: int, *, is_asked: bool = False) -> float:
    """Steps per second of this process's own time: others on the machine do not count.

    Args:
        strategy: Of the hunt group that is called.
        cycles: Calls.
        waiting: Callers who wait meanwhile.
        is_asked: The floor is asked for its next deadline after each step, as the daemon does.
    """
    counted = Counted(strategy, is_asked=is_asked)
    for offer in counted.call("busy", DAMKAR):
        counted.tell(LegAnswered(offer.offer))
    for number in range(waiting):
        counted.call(f"w{number}", DAMKAR)
    counted.steps, began = 0, time.process_time()
    for number in range(cycles):
        first = counted.call(f"c{number}", MEDIS)[0].offer
        counted.tell(LegRinging(first))
        counted.tell(LegAnswered(first))
        counted.tell(LegGone(first, 16))
    return counted.steps / (time.process_time() - began)


def main() -> None:
    """Prints a line per strategy: steps alone, and each with the question for a deadline."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cycles", type=int, default=5000)
    parser.add_argument("--waiting", type=int, default=0)
    args = parser.parse_args()
    for strategy in Strategy:
        rates = [
            max(measured(strategy, args.cycles, args.waiting, is_asked=asked) for _ in range(3))
            for asked in (False, True)
        ]
        print(f"{strategy.value:12} {rates[0]:10,.0f} steps/s {rates[1]:10,.0f} with the deadline")


if __name__ == "__main__":
    main()
