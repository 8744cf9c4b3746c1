"""A norm with all its parts, as an author writes its folder: two questions, one asked by the answer to the other."""

from comity.model import norm as norms
from comity.model.norm import Norm

TOML = """\
# How often the air is bad, and for whom.
id = "AIR"
version = "1.0.0"
title = "Days of bad air, by sex"
goal = "11.6"
related = true
unit = "PERSON"
period = "YEAR"
contact = "Section for environment statistics"
disclaimer = "What people say, no measurement."

[authority]
kind = "recognised"
source = "World Health Organization"
citation = "Air quality guidelines"
version = "2021"
digest = "sha256:1111111111111111111111111111111111111111111111111111111111111111"

[protection]
unit = "person"
cells = 1
threshold = 5

[method]
name = "table/1"
sample = 400

[structure]
id = "AIR"
agency = "COMITY"
version = "1.0.0"
name = "Persons by bad air and sex"
dimensions = [
  { id = "BAD", name = "Bad air", codelist = "CL_BAD" },
  { id = "SEX", name = "Sex", codelist = "CL_SEX" },
]
measures = [{ id = "n", name = "Persons", decimals = 0, bound = 1 }]

[[codelists]]
id = "CL_BAD"
agency = "COMITY"
version = "1.0"

[[codelists]]
id = "CL_SEX"
agency = "SDMX"
version = "2.1"

[[variables]]
id = "PERSON"
concept = "PERSON"
universe = "residents"
unit = "person"

[[variables]]
id = "YEAR"
concept = "TIME_PERIOD"
universe = "residents"
unit = "person"

[[variables]]
id = "OUT"
concept = "BAD"
universe = "residents"
unit = "person"
codelist = "CL_BAD"
missing = ["NA"]

[[variables]]
id = "SEX"
concept = "SEX"
universe = "residents"
unit = "person"
codelist = "CL_SEX"

[[variables]]
id = "DAYS"
concept = "DAYS"
universe = "residents who saw bad air"
unit = "person"
least = "0.5"
most = "366"

[[questions]]
id = "Q1"
variable = "OUT"
text = { en = "Was the air bad?", fr = "L’air était-il mauvais ?" }
instruction = { en = "Do not read out." }
reference = { en = "The last 12 months" }

[[questions]]
id = "Q2"
variable = "DAYS"
text = { en = "On how many days?", fr = "Combien de jours ?" }
when = { variable = "OUT", codes = ["SOME", "MUCH"] }

[[questions]]
id = "Q3"
variable = "SEX"
text = { en = "Sex" }

[[rules]]
id = "R1"
kind = "mandatory"
of = ["SEX"]

[[rules]]
id = "R2"
kind = "range"
of = ["DAYS"]
least = "1"
severity = "warning"
explained = "D"
text = { en = "Whole days are usual." }

[[rules]]
id = "R3"
kind = "sum"
of = ["SEX.F", "SEX.M"]
whole = "SEX._T"

[[rules]]
id = "R4"
kind = "part"
of = ["BAD.MUCH"]
whole = "BAD._T"

[[rules]]
id = "R5"
kind = "jump"
of = ["n"]
most = "0.25"
severity = "warning"
explained = "B"

[[rules]]
id = "R6"
kind = "mirror"
of = ["BAD", "SEX"]
tolerance = "0"
severity = "warning"
explained = "U"

[[rules]]
id = "R7"
kind = "unique"
of = ["PERSON", "YEAR"]

[[rules]]
id = "R8"
kind = "code-list"
of = ["OUT"]

[metadata]
COLL_METHOD = { en = "Face to face, or by telephone.", fr = "En face à face, ou par téléphone." }
"""
FILES = {
    "norm.toml": TOML.encode(),
    "codes/CL_BAD.csv": (
        b"id,name,name:fr,parent,starts\nNONE,none,jamais,,\nSOME,some days,quelques jours,_T,\n"
        b'MUCH,"most days, or all",la plupart,_T,2020-01-31\n_T,Total,Total,,\n'
    ),
    "codes/CL_SEX.csv": b"id,name\nF,Female\nM,Male\n_T,Total\n",
}


def norm() -> Norm:
    """The norm, read from its folder."""
    return norms.read(FILES)
