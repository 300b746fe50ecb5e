"""A service that was told to fail on purpose says so, loudly."""

from pathlib import Path

from tests.scenarios import scenario
from tests.service.running import Service, service


@scenario("S25", budget=60)
def test_a_service_with_failpoints_warns_and_the_doctor_fails(tmp_path: Path) -> None:
    with service(tmp_path / "up") as running:
        started: Service = running.with_failpoints().start()
        assert "failpoints are on" in started.said()
        found = started.cli("doctor")
        assert (found.returncode, "POSTVENTA_FAILPOINTS is set" in found.stdout) == (1, True), found.stdout


@scenario("S25", budget=60)
def test_no_service_is_told_to_by_itself(lasting: Service) -> None:
    assert "failpoints are on" not in lasting.said()
    assert "POSTVENTA_FAILPOINTS is set" not in lasting.cli("doctor").stdout
