"""Countries and areas as the United Nations Statistics Division names them (M49).

Decides which three-digit codes M49 lists and how UNSD writes their short names in English. Comity names an area by
this table and by nothing else: not by the names in a data file, not by an ISO list, whose names are other names. A
code that M49 does not list gets no name at all, only its number: naming it would be a statement that is not ours to
make. Facts typed from "Standard country or area codes for statistical use" (Series M, No. 49), as kept by UNSD at
https://unstats.un.org/unsd/methodology/m49; the letters beside them are ISO 3166-1. Names in other languages come
from `pages.words`. The designations imply no opinion on the legal status of any country or area, or on its borders.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from comity.errors import FormatError


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A country or area of M49."""

    m49: str  # three digits
    name: str  # English short name, as UNSD writes it
    alpha2: str  # ISO 3166-1
    alpha3: str  # ISO 3166-1


def known(m49: str) -> bool:
    """Whether M49 lists the code as a country or area (a region such as 150 Europe is none)."""
    return m49 in AREAS


def name(m49: str) -> str:
    """English short name of a country, area or region; of a code that M49 does not list, its number and that fact.

    Raises:
        FormatError: not three digits, so not a code that M49 could list.

    >>> name("410")
    'Republic of Korea'
    >>> name("158")
    'area 158, not in M49'
    """
    if not (len(m49) == 3 and m49.isascii() and m49.isdigit()):
        raise FormatError(
            "not an area code",
            where="area",
            found=m49,
            wanted="three digits of M49, as text",
            way_out="write 8 as 008; find the code at https://unstats.un.org/unsd/methodology/m49",
        )
    area = AREAS.get(m49)
    return area.name if area else REGIONS.get(m49, f"area {m49}, not in M49")


def _areas(text: str) -> Mapping[str, Area]:
    rows = (line.split(" ", 3) for line in text.strip().splitlines())
    return MappingProxyType({row[0]: Area(m49=row[0], alpha3=row[1], alpha2=row[2], name=row[3]) for row in rows})


def _regions(text: str) -> Mapping[str, str]:
    return MappingProxyType(dict(line.split(" ", 1) for line in text.strip().splitlines()))


# Geographical regions of M49 and its three other groupings: nobody's member, but what a table may be about.
REGIONS: Final = _regions(
    """
001 World
002 Africa
003 North America
005 South America
009 Oceania
011 Western Africa
013 Central America
014 Eastern Africa
015 Northern Africa
017 Middle Africa
018 Southern Africa
019 Americas
021 Northern America
029 Caribbean
030 Eastern Asia
034 Southern Asia
035 South-eastern Asia
039 Southern Europe
053 Australia and New Zealand
054 Melanesia
057 Micronesia
061 Polynesia
142 Asia
143 Central Asia
145 Western Asia
150 Europe
151 Eastern Europe
154 Northern Europe
155 Western Europe
199 Least developed countries
202 Sub-Saharan Africa
419 Latin America and the Caribbean
432 Landlocked developing countries
722 Small island developing States
"""
)

# M49 code, ISO 3166-1 alpha-3 and alpha-2, M49 short name.
AREAS: Final = _areas(
    """
004 AFG AF Afghanistan
008 ALB AL Albania
010 ATA AQ Antarctica
012 DZA DZ Algeria
016 ASM AS American Samoa
020 AND AD Andorra
024 AGO AO Angola
028 ATG AG Antigua and Barbuda
031 AZE AZ Azerbaijan
032 ARG AR Argentina
036 AUS AU Australia
040 AUT AT Austria
044 BHS BS Bahamas
048 BHR BH Bahrain
050 BGD BD Bangladesh
051 ARM AM Armenia
052 BRB BB Barbados
056 BEL BE Belgium
060 BMU BM Bermuda
064 BTN BT Bhutan
068 BOL BO Bolivia (Plurinational State of)
070 BIH BA Bosnia and Herzegovina
072 BWA BW Botswana
074 BVT BV Bouvet Island
076 BRA BR Brazil
084 BLZ BZ Belize
086 IOT IO British Indian Ocean Territory
090 SLB SB Solomon Islands
092 VGB VG British Virgin Islands
096 BRN BN Brunei Darussalam
100 BGR BG Bulgaria
104 MMR MM Myanmar
108 BDI BI Burundi
112 BLR BY Belarus
116 KHM KH Cambodia
120 CMR CM Cameroon
124 CAN CA Canada
132 CPV CV Cabo Verde
136 CYM KY Cayman Islands
140 CAF CF Central African Republic
144 LKA LK Sri Lanka
148 TCD TD Chad
152 CHL CL Chile
156 CHN CN China
162 CXR CX Christmas Island
166 CCK CC Cocos (Keeling) Islands
170 COL CO Colombia
174 COM KM Comoros
175 MYT YT Mayotte
178 COG CG Congo
180 COD CD Democratic Republic of the Congo
184 COK CK Cook Islands
188 CRI CR Costa Rica
191 HRV HR Croatia
192 CUB CU Cuba
196 CYP CY Cyprus
203 CZE CZ Czechia
204 BEN BJ Benin
208 DNK DK Denmark
212 DMA DM Dominica
214 DOM DO Dominican Republic
218 ECU EC Ecuador
222 SLV SV El Salvador
226 GNQ GQ Equatorial Guinea
231 ETH ET Ethiopia
232 ERI ER Eritrea
233 EST EE Estonia
234 FRO FO Faroe Islands
238 FLK FK Falkland Islands (Malvinas)
239 SGS GS South Georgia and the South Sandwich Islands
242 FJI FJ Fiji
246 FIN FI Finland
248 ALA AX Åland Islands
250 FRA FR France
254 GUF GF French Guiana
258 PYF PF French Polynesia
260 ATF TF French Southern Territories
262 DJI DJ Djibouti
266 GAB GA Gabon
268 GEO GE Georgia
270 GMB GM Gambia
275 PSE PS State of Palestine
276 DEU DE Germany
288 GHA GH Ghana
292 GIB GI Gibraltar
296 KIR KI Kiribati
300 GRC GR Greece
304 GRL GL Greenland
308 GRD GD Grenada
312 GLP GP Guadeloupe
316 GUM GU Guam
320 GTM GT Guatemala
324 GIN GN Guinea
328 GUY GY Guyana
332 HTI HT Haiti
334 HMD HM Heard Island and McDonald Islands
336 VAT VA Holy See
340 HND HN Honduras
344 HKG HK China, Hong Kong Special Administrative Region
348 HUN HU Hungary
352 ISL IS Iceland
356 IND IN India
360 IDN ID Indonesia
364 IRN IR Iran (Islamic Republic of)
368 IRQ IQ Iraq
372 IRL IE Ireland
376 ISR IL Israel
380 ITA IT Italy
384 CIV CI Côte d’Ivoire
388 JAM JM Jamaica
392 JPN JP Japan
398 KAZ KZ Kazakhstan
400 JOR JO Jordan
404 KEN KE Kenya
408 PRK KP Democratic People's Republic of Korea
410 KOR KR Republic of Korea
414 KWT KW Kuwait
417 KGZ KG Kyrgyzstan
418 LAO LA Lao People's Democratic Republic
422 LBN LB Lebanon
426 LSO LS Lesotho
428 LVA LV Latvia
430 LBR LR Liberia
434 LBY LY Libya
438 LIE LI Liechtenstein
440 LTU LT Lithuania
442 LUX LU Luxembourg
446 MAC MO China, Macao Special Administrative Region
450 MDG MG Madagascar
454 MWI MW Malawi
458 MYS MY Malaysia
462 MDV MV Maldives
466 MLI ML Mali
470 MLT MT Malta
474 MTQ MQ Martinique
478 MRT MR Mauritania
480 MUS MU Mauritius
484 MEX MX Mexico
492 MCO MC Monaco
496 MNG MN Mongolia
498 MDA MD Republic of Moldova
499 MNE ME Montenegro
500 MSR MS Montserrat
504 MAR MA Morocco
508 MOZ MZ Mozambique
512 OMN OM Oman
516 NAM NA Namibia
520 NRU NR Nauru
524 NPL NP Nepal
528 NLD NL Netherlands (Kingdom of the)
531 CUW CW Curaçao
533 ABW AW Aruba
534 SXM SX Sint Maarten (Dutch part)
535 BES BQ Bonaire, Sint Eustatius and Saba
540 NCL NC New Caledonia
548 VUT VU Vanuatu
554 NZL NZ New Zealand
558 NIC NI Nicaragua
562 NER NE Niger
566 NGA NG Nigeria
570 NIU NU Niue
574 NFK NF Norfolk Island
578 NOR NO Norway
580 MNP MP Northern Mariana Islands
581 UMI UM United States Minor Outlying Islands
583 FSM FM Micronesia (Federated States of)
584 MHL MH Marshall Islands
585 PLW PW Palau
586 PAK PK Pakistan
591 PAN PA Panama
598 PNG PG Papua New Guinea
600 PRY PY Paraguay
604 PER PE Peru
608 PHL PH Philippines
612 PCN PN Pitcairn
616 POL PL Poland
620 PRT PT Portugal
624 GNB GW Guinea-Bissau
626 TLS TL Timor-Leste
630 PRI PR Puerto Rico
634 QAT QA Qatar
638 REU RE Réunion
642 ROU RO Romania
643 RUS RU Russian Federation
646 RWA RW Rwanda
652 BLM BL Saint Barthélemy
654 SHN SH Saint Helena
659 KNA KN Saint Kitts and Nevis
660 AIA AI Anguilla
662 LCA LC Saint Lucia
663 MAF MF Saint Martin (French Part)
666 SPM PM Saint Pierre and Miquelon
670 VCT VC Saint Vincent and the Grenadines
674 SMR SM San Marino
678 STP ST Sao Tome and Principe
682 SAU SA Saudi Arabia
686 SEN SN Senegal
688 SRB RS Serbia
690 SYC SC Seychelles
694 SLE SL Sierra Leone
702 SGP SG Singapore
703 SVK SK Slovakia
704 VNM VN Viet Nam
705 SVN SI Slovenia
706 SOM SO Somalia
710 ZAF ZA South Africa
716 ZWE ZW Zimbabwe
724 ESP ES Spain
728 SSD SS South Sudan
729 SDN SD Sudan
732 ESH EH Western Sahara
740 SUR SR Suriname
744 SJM SJ Svalbard and Jan Mayen Islands
748 SWZ SZ Eswatini
752 SWE SE Sweden
756 CHE CH Switzerland
760 SYR SY Syrian Arab Republic
762 TJK TJ Tajikistan
764 THA TH Thailand
768 TGO TG Togo
772 TKL TK Tokelau
776 TON TO Tonga
780 TTO TT Trinidad and Tobago
784 ARE AE United Arab Emirates
788 TUN TN Tunisia
792 TUR TR Türkiye
795 TKM TM Turkmenistan
796 TCA TC Turks and Caicos Islands
798 TUV TV Tuvalu
800 UGA UG Uganda
804 UKR UA Ukraine
807 MKD MK North Macedonia
818 EGY EG Egypt
826 GBR GB United Kingdom of Great Britain and Northern Ireland
831 GGY GG Guernsey
832 JEY JE Jersey
833 IMN IM Isle of Man
834 TZA TZ United Republic of Tanzania
840 USA US United States of America
850 VIR VI United States Virgin Islands
854 BFA BF Burkina Faso
858 URY UY Uruguay
860 UZB UZ Uzbekistan
862 VEN VE Venezuela (Bolivarian Republic of)
876 WLF WF Wallis and Futuna Islands
882 WSM WS Samoa
887 YEM YE Yemen
894 ZMB ZM Zambia
"""
)
