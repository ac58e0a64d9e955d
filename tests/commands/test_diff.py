"""What `remit diff` says of two policies, and how it ends."""

import json
import subprocess
from pathlib import Path

import pytest
from said import EXAMPLE, run

SOUND = EXAMPLE.read_text()
ADS = "from: device, for: measure-ads, keep:"
KEEPS_LONGER = SOUND.replace(f"{ADS} 30d", f"{ADS} 60d")
TAKES_MORE = SOUND.replace("[net.ip], from: log", "[net.ip, request.method], from: log")
REORDERED = SOUND.replace("[name, email, phone], from", "[phone, email, name], from")
BROKEN = SOUND.replace("basis: contract", "basis: whim")


def differ(folder: Path, old: str, new: str, more: str = "") -> tuple[int, str, str]:
    """How the command ends, and what it says, for two texts."""
    (folder / "old.yaml").write_text(old)
    (folder / "new.yaml").write_text(new)
    return run(f"diff {folder}/old.yaml {folder}/new.yaml {more}")


@pytest.mark.parametrize(
    ("new", "status"),
    [
        pytest.param(SOUND, 0, id="the same"),
        pytest.param(f"# a word\n{SOUND}", 0, id="a comment"),
        pytest.param(SOUND.replace("version: 1", "version: 2"), 0, id="a version"),
        pytest.param(REORDERED, 0, id="an order"),
        pytest.param(BROKEN, 1, id="problems"),
        pytest.param(KEEPS_LONGER, 2, id="a consent outgrown"),
        pytest.param(TAKES_MORE, 3, id="more is taken"),
        pytest.param(SOUND.replace(f"{ADS} 30d", f"{ADS} 1d"), 3, id="less is kept"),
    ],
)
def test_the_exit_status_says_what_has_to_be_done(tmp_path: Path, new: str, status: int) -> None:
    """Nothing, mend the policy, ask for consent again, or tell people."""
    assert status == differ(tmp_path, SOUND, new)[0]


def test_the_help_says_what_each_exit_status_means() -> None:
    """Who writes a script learns it where he looks first."""
    said = run("diff --help")[1]

    assert [] == [word for word in ("0 when", "1 when", "2 when", "3 when") if word not in " ".join(said.split())]


def test_the_problems_of_both_files_are_told_at_once(tmp_path: Path) -> None:
    """Who compares two unsound policies need not mend one to see what is wrong with the other."""
    said = differ(tmp_path, BROKEN, BROKEN)[1]

    assert "old.yaml:16:" in said
    assert "new.yaml:16:" in said


def test_json_tells_each_change_with_its_effect_and_its_lines(tmp_path: Path) -> None:
    """A script sees what widened, for which purpose, from which line to which, and whom to ask again."""
    found = json.loads(differ(tmp_path, SOUND, f"# a word\n{KEEPS_LONGER}", "--json")[1])
    (change,) = found["changes"]
    line = SOUND[: SOUND.index(f"{ADS} 30d")].count("\n") + 1

    assert ("longer", "wider", "measure-ads") == (change["effect"], change["reach"], change["purpose"])
    assert (line, line + 1) == (change["old"], change["new"])
    assert ["measure-ads"] == [one["purpose"] for one in found["renewals"]]
    assert found["concerns_people"]
    assert any("60 days" in says for one in found["rewordings"] for says in one["come"])


def committed(folder: Path) -> None:
    """All files of a folder are in the history of a repository of its own."""
    who = ("-c", "user.name=Example", "-c", "user.email=privacy@example.org")
    for words in (("init", "-q"), ("add", "."), (*who, "commit", "-qm", "Begin")):
        subprocess.run(["git", *words], check=True, cwd=folder)


def test_a_policy_may_come_from_the_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """REV:FILE is the file as git has it; what git does not have is said in git's words."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "remit.yaml").write_text(SOUND)
    committed(tmp_path)
    (tmp_path / "remit.yaml").write_text(TAKES_MORE)

    assert 3 == run("diff HEAD:remit.yaml remit.yaml")[0]
    assert 0 == run("diff HEAD:remit.yaml HEAD:remit.yaml")[0]
    assert (1, "") == run("diff HEAD:other.yaml remit.yaml")[:2]
    assert "other.yaml" in run("diff HEAD:other.yaml remit.yaml")[2]
    assert "--output=x:y" in run("diff -- --output=x:y remit.yaml")[2]
    assert not (tmp_path / "x:y").exists()


def test_a_revision_alone_is_of_the_policy_that_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By --policy or REMIT_POLICY, wherever the command is typed; without it, what to write is said.

    What is a file, is the file.
    """
    home, elsewhere = tmp_path / "shop", tmp_path / "elsewhere"
    for folder in (home / "policies", elsewhere):
        folder.mkdir(parents=True)
    file = home / "policies" / "remit.yaml"
    file.write_text(SOUND)
    committed(home)
    file.write_text(TAKES_MORE)
    monkeypatch.chdir(elsewhere)

    assert 0 == run(f"diff HEAD HEAD --policy {file}")[0]
    assert 3 == run(f"diff HEAD {file} --policy {file}")[0]
    assert (1, "") == run(f"diff HEAD~7 {file} --policy {file}")[:2]
    assert f"remit: {elsewhere}/no.yaml: No such" in run(f"diff {elsewhere}/no.yaml {file} --policy {file}")[2]

    monkeypatch.setenv("REMIT_POLICY", "policies/remit.yaml")
    monkeypatch.chdir(home)
    assert 3 == run("diff HEAD policies/remit.yaml")[0]
    (home / "HEAD").write_text(TAKES_MORE)
    assert 0 == run("diff HEAD policies/remit.yaml")[0]

    (home / "HEAD").unlink()
    monkeypatch.delenv("REMIT_POLICY")
    status, said, complained = run("diff HEAD HEAD")
    assert (1, "") == (status, said)
    assert "write HEAD:FILE" in complained
    assert "REMIT_POLICY" in complained


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """What cannot be read ends the command with its name, and changes nothing."""
    assert (1, "", f"remit: {tmp_path}/no.yaml: No such file or directory\n") == run(
        f"diff {tmp_path}/no.yaml {EXAMPLE}"
    )
