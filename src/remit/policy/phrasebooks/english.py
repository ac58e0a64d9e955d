"""What remit says in English."""

from remit.policy.catalogue import CATALOGUE
from remit.policy.phrasebooks.phrasebook import Phrasebook, country_names, table
from remit.policy.reduce import REDUCTIONS
from remit.policy.words import Basis, DeviceAccess, Period, Role, Source

_COUNTRIES = """
AD Andorra; AE United Arab Emirates; AF Afghanistan; AG Antigua & Barbuda; AI Anguilla; AL Albania; AM Armenia; AO
Angola; AQ Antarctica; AR Argentina; AS American Samoa; AT Austria; AU Australia; AW Aruba; AX Åland Islands; AZ
Azerbaijan; BA Bosnia & Herzegovina; BB Barbados; BD Bangladesh; BE Belgium; BF Burkina Faso; BG Bulgaria; BH
Bahrain; BI Burundi; BJ Benin; BL St. Barthélemy; BM Bermuda; BN Brunei; BO Bolivia; BQ Caribbean Netherlands; BR
Brazil; BS Bahamas; BT Bhutan; BV Bouvet Island; BW Botswana; BY Belarus; BZ Belize; CA Canada; CC Cocos (Keeling)
Islands; CD Congo - Kinshasa; CF Central African Republic; CG Congo - Brazzaville; CH Switzerland; CI Côte d’Ivoire;
CK Cook Islands; CL Chile; CM Cameroon; CN China; CO Colombia; CR Costa Rica; CU Cuba; CV Cape Verde; CW Curaçao; CX
Christmas Island; CY Cyprus; CZ Czechia; DE Germany; DJ Djibouti; DK Denmark; DM Dominica; DO Dominican Republic; DZ
Algeria; EC Ecuador; EE Estonia; EG Egypt; EH Western Sahara; ER Eritrea; ES Spain; ET Ethiopia; FI Finland; FJ
Fiji; FK Falkland Islands; FM Micronesia; FO Faroe Islands; FR France; GA Gabon; GB United Kingdom; GD Grenada; GE
Georgia; GF French Guiana; GG Guernsey; GH Ghana; GI Gibraltar; GL Greenland; GM Gambia; GN Guinea; GP Guadeloupe;
GQ Equatorial Guinea; GR Greece; GS South Georgia & South Sandwich Islands; GT Guatemala; GU Guam; GW Guinea-Bissau;
GY Guyana; HK Hong Kong SAR China; HM Heard & McDonald Islands; HN Honduras; HR Croatia; HT Haiti; HU Hungary; ID
Indonesia; IE Ireland; IL Israel; IM Isle of Man; IN India; IO British Indian Ocean Territory; IQ Iraq; IR Iran; IS
Iceland; IT Italy; JE Jersey; JM Jamaica; JO Jordan; JP Japan; KE Kenya; KG Kyrgyzstan; KH Cambodia; KI Kiribati; KM
Comoros; KN St. Kitts & Nevis; KP North Korea; KR South Korea; KW Kuwait; KY Cayman Islands; KZ Kazakhstan; LA Laos;
LB Lebanon; LC St. Lucia; LI Liechtenstein; LK Sri Lanka; LR Liberia; LS Lesotho; LT Lithuania; LU Luxembourg; LV
Latvia; LY Libya; MA Morocco; MC Monaco; MD Moldova; ME Montenegro; MF St. Martin; MG Madagascar; MH Marshall
Islands; MK North Macedonia; ML Mali; MM Myanmar (Burma); MN Mongolia; MO Macao SAR China; MP Northern Mariana
Islands; MQ Martinique; MR Mauritania; MS Montserrat; MT Malta; MU Mauritius; MV Maldives; MW Malawi; MX Mexico; MY
Malaysia; MZ Mozambique; NA Namibia; NC New Caledonia; NE Niger; NF Norfolk Island; NG Nigeria; NI Nicaragua; NL
Netherlands; NO Norway; NP Nepal; NR Nauru; NU Niue; NZ New Zealand; OM Oman; PA Panama; PE Peru; PF French
Polynesia; PG Papua New Guinea; PH Philippines; PK Pakistan; PL Poland; PM St. Pierre & Miquelon; PN Pitcairn
Islands; PR Puerto Rico; PS Palestinian Territories; PT Portugal; PW Palau; PY Paraguay; QA Qatar; RE Réunion; RO
Romania; RS Serbia; RU Russia; RW Rwanda; SA Saudi Arabia; SB Solomon Islands; SC Seychelles; SD Sudan; SE Sweden;
SG Singapore; SH St. Helena; SI Slovenia; SJ Svalbard & Jan Mayen; SK Slovakia; SL Sierra Leone; SM San Marino; SN
Senegal; SO Somalia; SR Suriname; SS South Sudan; ST São Tomé & Príncipe; SV El Salvador; SX Sint Maarten; SY Syria;
SZ Eswatini; TC Turks & Caicos Islands; TD Chad; TF French Southern Territories; TG Togo; TH Thailand; TJ
Tajikistan; TK Tokelau; TL Timor-Leste; TM Turkmenistan; TN Tunisia; TO Tonga; TR Türkiye; TT Trinidad & Tobago; TV
Tuvalu; TW Taiwan; TZ Tanzania; UA Ukraine; UG Uganda; UM U.S. Outlying Islands; US United States; UY Uruguay; UZ
Uzbekistan; VA Vatican City; VC St. Vincent & Grenadines; VE Venezuela; VG British Virgin Islands; VI U.S. Virgin
Islands; VN Vietnam; VU Vanuatu; WF Wallis & Futuna; WS Samoa; YE Yemen; YT Mayotte; ZA South Africa; ZM Zambia; ZW
Zimbabwe
"""
"""As the Unicode CLDR has them."""

_HEADINGS = """
notice         What information we collect
you            1. Personal information that you provide to us
use            2. Information we collect when you use the services
device         Information about your device
log            Log information
third-parties  3. Information from third parties
providers      From providers
others         From other people
statistics     4. Non-personal information
choices        Your choices, and what then stops
retention      How long we keep it
laws           Where other laws hold
recipients     Who else is told
verdicts       What programs alone decide
rights         Your rights
"""

ENGLISH = Phrasebook(
    tag="en",
    name="English",
    countries=country_names(_COUNTRIES),
    eea="European Economic Area",
    titles={key: entry.title for key, entry in CATALOGUE.items()},
    reductions={name: reduction.says for name, reduction in REDUCTIONS.items()},
    comma=", ",
    conjunction="and",
    disjunction="or",
    ahead=("by", "of"),
    years=("{n} year", "{n} years"),
    days=("{n} day", "{n} days"),
    hours=("{n} hour", "{n} hours"),
    headings=table(_HEADINGS),
    tellers={
        Source.YOU: "You tell us",
        Source.DEVICE: "Your device or browser sends",
        Source.LOG: "When you use our services we note",
        Source.PROVIDER: "A provider tells us",
        Source.SOMEONE_ELSE: "Another person may tell us",
    },
    grounds={
        Basis.CONSENT: "only if you agree",
        Basis.CONTRACT: "because our agreement with you needs it",
        Basis.LEGAL_OBLIGATION: "because the law obliges us to",
        Basis.VITAL_INTEREST: "to protect somebody's life",
        Basis.PUBLIC_INTEREST: "in the public interest",
        Basis.LEGITIMATE_INTEREST: "as our legitimate interest, unless you object",
    },
    roles={
        Role.PROCESSOR: "who works for us and on our instructions",
        Role.JOINT_CONTROLLER: "who decides with us what is done with it",
        Role.CONTROLLER: "who decides alone what is done with it",
    },
    periods={Period.DAY: "day", Period.MONTH: "month"},
    access={
        DeviceAccess.NONE: "For this, nothing is read from your device.",
        DeviceAccess.NECESSARY: "For this, we read from your device only what a service that you ask for needs.",
        DeviceAccess.CONSENT: "For this, we read from your device only if you agree.",
        DeviceAccess.EXEMPT: (
            "For this, we read from your device without asking first; you may refuse. We rely on {exemption}."
        ),
    },
    whole=(
        "{name} ({country}) answers for what is written here. This is version {version} of our policy, and the program"
        " that collects runs this very text: what it does not say is not taken."
    ),
    choice=(
        "You have the right to choose whether to give us the information below. If you refuse what a service needs, we"
        " cannot provide that service or answer your question; what you can refuse and what then stops is said under"
        ' "{choices}".'
    ),
    nothing="Nothing.",
    rule="{teller}: {items}; {says}, {ground}. {kept} {refusal}",
    provider="{name} ({country}), {says}, tells us",
    rule_places="We take this only in {places}, where your {region} tells us that you are there; for that, it is read.",
    rule_age="You can agree to this from the age of {age}.",
    kept_for="We keep it for {duration}.",
    kept_at_most="We keep it for {duration} at most.",
    kept_with_account="We keep it until you have us forget your account.",
    gone="It is reduced or counted when it arrives, and then gone.",
    free="You may refuse this.",
    partly_free="You may refuse: {items}.",
    needed="A service that you use needs this: {items}.",
    needed_any="A service that you use needs {items}.",
    fixed="This does not depend on your choice: {items}.",
    required="You cannot refuse this: {why}.",
    apart=(
        "We also make statistics that name nobody. They are kept apart from personal information, in another store, and"
        " the two are used separately: our program has no way to combine them."
    ),
    fact="How often '{name}' happened{by}{measures}; {says}, {ground}. {access}",
    count=(
        "How many there were ('{name}') per {periods}{by}; {apart}; {says}, {ground}. {access} We get the number"
        " without knowing who: each vote is hashed with a key that is destroyed soon after the period ends, and numbers"
        " below {k} are not shown.{together}"
    ),
    by=", by {columns}",
    in_all="in all",
    by_set="by {columns}",
    by_set_together="by {columns} together",
    put_together=(
        " The finer of these numbers are made once, when the period has ended, and where one could make out a group of"
        " fewer than {k}, groups are counted together."
    ),
    measures=", with the distribution of {measured}",
    told_apart="we count the different values of {items}, without keeping which",
    told_apart_by_first=("we count the different values of the first that is there of {items}, without keeping which"),
    column="{title} ({reduced})",
    tally=(
        "How often each kind of information was kept, reduced, counted or dropped, and why, by day, application and"
        " purpose, and which fields were sent, needed or not, by which version of which software: so that we can see"
        " that what is written here is what is done."
    ),
    purpose="'{key}': {says}, {ground}.",
    limit="Nothing stays for it longer than {duration}.",
    no_stay="Nothing stays for it.",
    further="What we keep for it may also be read {says}. We assessed why that is fair: {factors}.",
    no_service="Whatever you refuse, nothing that we offer stops.",
    needs_nothing="To {service}, nothing about you is needed.",
    depends=(
        "Which of it we collect depends on the services that you use: what our agreement with you needs, we collect"
        " only where the service that needs it is offered."
    ),
    unserved="Of what '{app}' sends, we use nothing {purposes}: no service that needs it is offered there.",
    stops="To {service}, we need {needs}. Without that, this stops.",
    worsens="To {service} well, we need {needs}. Without that, this gets worse.",
    need="{items} ({says})",
    one_of="one of {others}, or {last}",
    withdrawal="What you agreed to you may take back at any time; what was done until then stays lawful.",
    signals={
        "gpc": "If your browser sends Global Privacy Control, we take it that you refuse what we do {purposes}.",
        "tcf": (
            "If a site or an app tells us by the Transparency and Consent Framework that you did not agree, we take it"
            " that you refuse, as far as it says so, what we do {purposes}."
        ),
        "gpp": (
            "If a site or an app tells us by the Global Privacy Platform that you opted out, we take it that you"
            " refuse, as far as it says so, what we do {purposes}."
        ),
        "categories": "If an app tells us with what it sends that you refused, that holds for what we do {purposes}.",
    },
    outweighed="What you choose with us for a purpose by name outweighs Global Privacy Control and an opt-out.",
    holds="A choice holds wherever we are sent what it was made under: {names}.",
    unheard=(
        "Nothing that we are sent names you, so our program cannot tell a choice of yours from another's: what it takes"
        " only if you agree it does not take, and what you may refuse you refuse in the program that sends it."
    ),
    stored="It is stored in: {places}.",
    stays="{duration}, {says}: {items}.",
    stays_with_account="until you have us forget your account, {says}: {items}.",
    stays_not="not at all, beyond reducing and counting, {says}: {items}.",
    region_told=(
        "We learn which law holds for you from your {items}, which is read for that. Where it does not tell your"
        " country, all of the following holds."
    ),
    region_untold="Nothing tells us where you are, so all of the following holds.",
    law="{places}: {demand}",
    law_consent="only if you agree, we collect and use what we need {says}.",
    law_forbid="we do not take {items}.",
    law_bar="we do not take {items} {says}.",
    law_longest="nothing stays longer than {duration} {says}.",
    law_final="whatever you chose, Global Privacy Control and an opt-out hold.",
    law_age="you can agree for yourself from the age of {age}.",
    no_verdict="Nothing that has legal effects for you, or touches you as much, is decided by programs alone.",
    verdict=(
        "A program alone decides {decides}; {says}, {ground}. How: {logic}. What may follow: {consequences}. You may"
        " have a person look at it, say how you see it, and contest it: write to {contact}."
    ),
    nobody="Nobody: we pass on nothing about you.",
    told="{name} ({country}), {role}, may be told: {items}; {says}.{transfer}",
    transfer=" Outside the European Economic Area, this rests on {ground}.",
    ask=(
        "Write to {contact} to see, correct or erase what we hold about you, to have its use restricted or have it in a"
        " form that programs read, or to object."
    ),
    address="Our postal address: {address}.",
    officer="Our data protection officer: {officer}.",
    representative="Our representative in the European Union: {representative}.",
    complain="You may complain to {authority}.",
    any_authority="the supervisory authority where you live or work, or where you think a law was broken",
    field_asked="We ask for this {whys}.",
    field_why="{says}, {ground}",
    field_stops="If you leave it out, you cannot {services}.",
    field_worsens="If you leave it out, this gets worse: to {services}.",
    field_instead="{service} (unless you give {items} instead)",
    field_free="You may leave it out, and nothing stops.",
    field_fixed="It does not depend on your choice.",
    field_more="More: {notice}",
    skip="Skip to the content",
    contents="Contents",
    languages="Languages",
    link_to="Link to this section: {heading}",
    edition="Policy version {version}. What it does not say is not taken.",
)
