"""What remit says in German, to people who are addressed as "Sie".

Lists stand behind a colon wherever a preposition would bend their words, since titles are in the nominative; and no
title has a comma of its own, which a list could not tell from its own.
"""

from remit.policy.phrasebooks.phrasebook import Phrasebook, country_names, table
from remit.policy.words import Basis, DeviceAccess, Item, Period, Role, Source

_COUNTRIES = """
AD Andorra; AE Vereinigte Arabische Emirate; AF Afghanistan; AG Antigua und Barbuda; AI Anguilla; AL Albanien; AM
Armenien; AO Angola; AQ Antarktis; AR Argentinien; AS Amerikanisch-Samoa; AT Österreich; AU Australien; AW Aruba; AX
Ålandinseln; AZ Aserbaidschan; BA Bosnien und Herzegowina; BB Barbados; BD Bangladesch; BE Belgien; BF Burkina Faso;
BG Bulgarien; BH Bahrain; BI Burundi; BJ Benin; BL St. Barthélemy; BM Bermuda; BN Brunei Darussalam; BO Bolivien; BQ
Karibische Niederlande; BR Brasilien; BS Bahamas; BT Bhutan; BV Bouvetinsel; BW Botsuana; BY Belarus; BZ Belize; CA
Kanada; CC Kokosinseln; CD Kongo-Kinshasa; CF Zentralafrikanische Republik; CG Kongo-Brazzaville; CH Schweiz; CI
Côte d’Ivoire; CK Cookinseln; CL Chile; CM Kamerun; CN China; CO Kolumbien; CR Costa Rica; CU Kuba; CV Cabo Verde;
CW Curaçao; CX Weihnachtsinsel; CY Zypern; CZ Tschechien; DE Deutschland; DJ Dschibuti; DK Dänemark; DM Dominica; DO
Dominikanische Republik; DZ Algerien; EC Ecuador; EE Estland; EG Ägypten; EH Westsahara; ER Eritrea; ES Spanien; ET
Äthiopien; FI Finnland; FJ Fidschi; FK Falklandinseln; FM Mikronesien; FO Färöer; FR Frankreich; GA Gabun; GB
Vereinigtes Königreich; GD Grenada; GE Georgien; GF Französisch-Guayana; GG Guernsey; GH Ghana; GI Gibraltar; GL
Grönland; GM Gambia; GN Guinea; GP Guadeloupe; GQ Äquatorialguinea; GR Griechenland; GS Südgeorgien und die
Südlichen Sandwichinseln; GT Guatemala; GU Guam; GW Guinea-Bissau; GY Guyana; HK Sonderverwaltungsregion Hongkong;
HM Heard und McDonaldinseln; HN Honduras; HR Kroatien; HT Haiti; HU Ungarn; ID Indonesien; IE Irland; IL Israel; IM
Isle of Man; IN Indien; IO Britisches Territorium im Indischen Ozean; IQ Irak; IR Iran; IS Island; IT Italien; JE
Jersey; JM Jamaika; JO Jordanien; JP Japan; KE Kenia; KG Kirgisistan; KH Kambodscha; KI Kiribati; KM Komoren; KN St.
Kitts und Nevis; KP Nordkorea; KR Südkorea; KW Kuwait; KY Kaimaninseln; KZ Kasachstan; LA Laos; LB Libanon; LC St.
Lucia; LI Liechtenstein; LK Sri Lanka; LR Liberia; LS Lesotho; LT Litauen; LU Luxemburg; LV Lettland; LY Libyen; MA
Marokko; MC Monaco; MD Republik Moldau; ME Montenegro; MF St. Martin; MG Madagaskar; MH Marshallinseln; MK
Nordmazedonien; ML Mali; MM Myanmar; MN Mongolei; MO Sonderverwaltungsregion Macau; MP Nördliche Marianen; MQ
Martinique; MR Mauretanien; MS Montserrat; MT Malta; MU Mauritius; MV Malediven; MW Malawi; MX Mexiko; MY Malaysia;
MZ Mosambik; NA Namibia; NC Neukaledonien; NE Niger; NF Norfolkinsel; NG Nigeria; NI Nicaragua; NL Niederlande; NO
Norwegen; NP Nepal; NR Nauru; NU Niue; NZ Neuseeland; OM Oman; PA Panama; PE Peru; PF Französisch-Polynesien; PG
Papua-Neuguinea; PH Philippinen; PK Pakistan; PL Polen; PM St. Pierre und Miquelon; PN Pitcairninseln; PR Puerto
Rico; PS Palästinensische Autonomiegebiete; PT Portugal; PW Palau; PY Paraguay; QA Katar; RE Réunion; RO Rumänien;
RS Serbien; RU Russland; RW Ruanda; SA Saudi-Arabien; SB Salomonen; SC Seychellen; SD Sudan; SE Schweden; SG
Singapur; SH St. Helena; SI Slowenien; SJ Spitzbergen und Jan Mayen; SK Slowakei; SL Sierra Leone; SM San Marino; SN
Senegal; SO Somalia; SR Suriname; SS Südsudan; ST São Tomé und Príncipe; SV El Salvador; SX Sint Maarten; SY Syrien;
SZ Eswatini; TC Turks- und Caicosinseln; TD Tschad; TF Französische Süd- und Antarktisgebiete; TG Togo; TH Thailand;
TJ Tadschikistan; TK Tokelau; TL Timor-Leste; TM Turkmenistan; TN Tunesien; TO Tonga; TR Türkei; TT Trinidad und
Tobago; TV Tuvalu; TW Taiwan; TZ Tansania; UA Ukraine; UG Uganda; UM Amerikanische Überseeinseln; US Vereinigte
Staaten; UY Uruguay; UZ Usbekistan; VA Vatikanstadt; VC St. Vincent und die Grenadinen; VE Venezuela; VG Britische
Jungferninseln; VI Amerikanische Jungferninseln; VN Vietnam; VU Vanuatu; WF Wallis und Futuna; WS Samoa; YE Jemen;
YT Mayotte; ZA Südafrika; ZM Sambia; ZW Simbabwe
"""
"""As the Unicode CLDR has them."""

_TITLES = """
name                     Name
email                    E-Mail-Adresse
phone                    Telefonnummer
shipping_address         Lieferadresse
account.id               Kontonummer
device.imei              IMEI
device.oaid              OAID
device.gaid              Google-Werbe-ID (GAID)
device.imsi              IMSI
device.mac               MAC-Adresse
device.serial            Seriennummer
os.name                  Betriebssystem
os.version               Systemversion
os.rom                   ROM-Version
os.android               Android-Version
device.android_id        Android-ID
device.space_id          Space-ID
screen.width             Bildschirmbreite
screen.height            Bildschirmhöhe
screen.density           Pixeldichte des Bildschirms
input.means              Art der Eingabe (Berührung, Tastatur, Stift)
input.method             Eingabemethode (Bildschirmtastatur)
device.activated         Zeitpunkt der Geräteaktivierung
device.manufacturer      Gerätehersteller
device.model             Gerätemodell
network.operator         Netzbetreiber
network.connection       Verbindungsart
hardware.processor       Prozessor
hardware.cores           Zahl der Prozessorkerne
hardware.memory          Arbeitsspeicher in Megabyte
hardware.storage         Speicherplatz in Megabyte
hardware.graphics        Grafikprozessor
usage.starts             Zahl der Starts einer Anwendung
usage.duration           Nutzungsdauer einer Anwendung in Sekunden
device.installation      Installationskennung
device.name              Gerätename
app.version              Version der Anwendung
locale                   Spracheinstellung
country                  Ländereinstellung
timezone                 Zeitzone
partner.advertising_id   von einem Partner vergebene Werbe-ID
event.name               Name einer genutzten Funktion
screen.name              Name einer angezeigten Ansicht
page.url                 Seitenadresse
page.referrer            verweisende Seite
campaign.name            Kampagne
campaign.source          Quelle der Kampagne
campaign.medium          Medium der Kampagne
campaign.term            Suchwort der Kampagne
campaign.content         Inhalt der Kampagne
net.cookie               Cookie-Kennung
net.client_id            ohne Cookie gespeicherte Kennung
net.ip                   IP-Adresse
request.url              Adresse einer Netzwerkanfrage
request.host             Zielrechner einer Netzwerkanfrage
request.method           Methode einer Netzwerkanfrage
request.status           Status der Antwort auf eine Netzwerkanfrage
net.user_agent           Browserkennung (User-Agent)
message.text             Text einer Nachricht
message.sent             Zeitpunkt einer Nachricht
message.channel          Weg einer Nachricht (Mail, Chat, Push)
log.line                 Zeile eines Systemprotokolls
log.component            Systemteil hinter einer Protokollzeile
log.level                Stufe einer Protokollzeile
crash.type               Fehlerart
crash.module             vom Fehler betroffenes Modul
crash.function           vom Fehler betroffene Funktion
crash.line               vom Fehler betroffene Codezeile
crash.stack              Weg durch das Programm zum Fehler
crash.message            Fehlermeldung
crash.handled            Behandlung des Fehlers durch die Anwendung
crash.in_app             ob ein Fehler in unserem eigenen Programm auftrat
account.registered       Zeitpunkt der Registrierung
account.accessed         Zeitpunkt des Zugriffs
account.active           Zeitpunkt der Aktivität
received                 Zeitpunkt des Empfangs
verification.result      ob Ihre Telefonnummer bestätigt wurde
verification.method      wie Ihre Telefonnummer bestätigt wurde
verification.time        Zeitpunkt einer Bestätigung
verification.account     zu bestätigende Kontonummer
verification.reference   Kennzeichen der zu bestätigenden Transaktion
ad.click_id              Kennung eines Klicks auf eine Anzeige
ad.clicked               Zeitpunkt eines Klicks auf eine Anzeige
ad.conversion            Wirkung einer Anzeige
social.account_id        Kontonummer in einem sozialen Netzwerk
social.nickname          Spitzname in einem sozialen Netzwerk
social.avatar            Profilbild in einem sozialen Netzwerk
app.active_day           Tag der Nutzung einer Anwendung
page.visits              Zahl der Seitenbesuche
page.duration            Dauer eines Seitenbesuchs in Sekunden
session.status           Art des Sitzungsendes
session.duration         Dauer einer Sitzung in Sekunden
request.duration         Dauer einer Netzwerkanfrage in Sekunden
request.count            Zahl der Netzwerkanfragen
request.errors           Zahl der fehlgeschlagenen Netzwerkanfragen
app.crashes              Zahl der Abstürze einer Anwendung
app.name                 Anwendung
"""

_REDUCTIONS = """
route           welchem der von uns aufgeführten Seitenmuster sie entspricht
hour            die Stunde
day             der Tag
os_family       die Familie von Betriebssystemen
major_minor     die ersten beiden Zahlen der Version
language        die Sprache, ohne die Region
symbol          der Name eines Teils unseres Programms
digest          ein Kürzel der Namen von Teilen unseres Programms
line            die Zeile unseres Programms
device_class    ob das für ein Gerät wenig, mittel oder viel ist
session_status  eine von fünf Arten, wie eine Sitzung endet
yes_no          ja oder nein
method          die Methode der Anfrage
status_class    ob die Antwort ein Erfolg, ein Fehler oder etwas anderes war
connection      die Art der Verbindung
"""

_HEADINGS = """
notice         Welche Informationen wir erheben
you            1. Personenbezogene Informationen, die Sie uns geben
use            2. Informationen, die wir bei der Nutzung der Dienste erheben
device         Informationen über Ihr Gerät
log            Protokollinformationen
third-parties  3. Informationen von Dritten
providers      Von Anbietern
others         Von anderen Personen
statistics     4. Nicht personenbezogene Informationen
choices        Ihre Wahl und was dann nicht mehr geht
retention      Wie lange wir Informationen aufbewahren
laws           Wo anderes Recht gilt
recipients     Wer sonst davon erfährt
verdicts       Was Programme allein entscheiden
rights         Ihre Rechte
"""

GERMAN = Phrasebook(
    tag="de",
    name="Deutsch",
    countries=country_names(_COUNTRIES),
    eea="Europäischer Wirtschaftsraum",
    titles={Item(key): title for key, title in table(_TITLES).items()},
    reductions=table(_REDUCTIONS),
    comma=", ",
    conjunction="und",
    disjunction="oder",
    ahead=(),
    years=("{n} Jahr", "{n} Jahre"),
    days=("{n} Tag", "{n} Tage"),
    hours=("{n} Stunde", "{n} Stunden"),
    headings=table(_HEADINGS),
    tellers={
        Source.YOU: "Sie teilen uns mit",
        Source.DEVICE: "Ihr Gerät oder Browser sendet",
        Source.LOG: "Bei der Nutzung unserer Dienste halten wir fest",
        Source.PROVIDER: "Ein Anbieter teilt uns mit",
        Source.SOMEONE_ELSE: "Eine andere Person teilt uns womöglich mit",
    },
    grounds={
        Basis.CONSENT: "nur mit Ihrer Einwilligung",
        Basis.CONTRACT: "weil unser Vertrag mit Ihnen es erfordert",
        Basis.LEGAL_OBLIGATION: "weil das Gesetz uns dazu verpflichtet",
        Basis.VITAL_INTEREST: "um das Leben eines Menschen zu schützen",
        Basis.PUBLIC_INTEREST: "im öffentlichen Interesse",
        Basis.LEGITIMATE_INTEREST: "aus berechtigtem Interesse, solange Sie nicht widersprechen",
    },
    roles={
        Role.PROCESSOR: "für uns und nach unseren Weisungen tätig",
        Role.JOINT_CONTROLLER: "gemeinsam mit uns verantwortlich",
        Role.CONTROLLER: "allein verantwortlich",
    },
    periods={Period.DAY: "Tag", Period.MONTH: "Monat"},
    access={
        DeviceAccess.NONE: "Hierfür wird nichts von Ihrem Gerät gelesen.",
        DeviceAccess.NECESSARY: "Hierfür lesen wir von Ihrem Gerät nur, was ein von Ihnen gewünschter Dienst braucht.",
        DeviceAccess.CONSENT: "Hierfür lesen wir von Ihrem Gerät nur mit Ihrer Einwilligung.",
        DeviceAccess.EXEMPT: (
            "Hierfür lesen wir von Ihrem Gerät, ohne vorher zu fragen; Sie können dies ablehnen. Wir stützen uns auf:"
            " {exemption}."
        ),
    },
    whole=(
        "{name} ({country}) ist verantwortlich für das, was hier steht. Dies ist Version {version} unserer Erklärung,"
        " und das Programm, das Informationen erhebt, führt genau diesen Text aus: Was hier nicht steht, wird nicht"
        " erhoben."
    ),
    choice=(
        "Sie haben das Recht zu entscheiden, ob Sie uns die folgenden Informationen geben. Verweigern Sie, was ein"
        " Dienst braucht, so können wir diesen Dienst nicht erbringen oder Ihre Frage nicht beantworten. Was Sie"
        " verweigern können und was dann nicht mehr geht, steht unter „{choices}“."
    ),
    nothing="Nichts.",
    rule="{teller}: {items} – {says} ({ground}). {kept} {refusal}",
    provider="{name} ({country}), {says}, teilt uns mit",
    rule_places="Wir erheben dies nur in: {places}. Wo Sie sind, erkennen wir hieran, und nur dazu: {region}.",
    rule_age="Dem können Sie ab einem Alter von {age} Jahren zustimmen.",
    kept_for="Wir bewahren dies {duration} lang auf.",
    kept_at_most="Wir bewahren dies höchstens {duration} lang auf.",
    kept_with_account="Wir bewahren dies auf, bis Sie Ihr Konto bei uns löschen lassen.",
    gone="Dies wird beim Eintreffen vergröbert oder gezählt und ist danach gelöscht.",
    free="Sie können dies ablehnen.",
    partly_free="Sie können ablehnen: {items}.",
    needed="Ein Dienst, den Sie nutzen, braucht davon: {items}.",
    needed_any="Ein Dienst, den Sie nutzen, braucht: {items}.",
    fixed="Nicht von Ihrer Wahl abhängig: {items}.",
    required="Sie können dies nicht ablehnen: {why}.",
    apart=(
        "Wir erstellen auch Statistiken, die niemanden benennen. Sie liegen getrennt von den personenbezogenen"
        " Informationen in einem anderen Speicher, und beide werden getrennt verwendet: Unser Programm kann sie nicht"
        " zusammenführen."
    ),
    fact="Wie oft „{name}“ vorkam{by}{measures} – {says} ({ground}). {access}",
    count=(
        "Wie viele es waren („{name}“) je {periods}{by}; {apart} – {says} ({ground}). {access} Wir erhalten die Zahl,"
        " ohne zu wissen, wer es war: Jede Stimme wird mit einem Schlüssel gehasht, der bald nach dem Ende des"
        " Zeitraums vernichtet wird, und Zahlen unter {k} werden nicht gezeigt.{together}"
    ),
    by=", getrennt nach: {columns}",
    in_all="insgesamt",
    by_set="getrennt nach: {columns}",
    by_set_together="zusammen getrennt nach: {columns}",
    put_together=(
        " Die feineren dieser Zahlen entstehen einmal, wenn der Zeitraum vorüber ist; wo sich eine Gruppe von weniger"
        " als {k} erkennen ließe, werden Gruppen zusammengezählt."
    ),
    measures="; mit der Verteilung von: {measured}",
    told_apart="gezählt wird, wie viele verschiedene Werte es hiervon gibt, ohne festzuhalten, welche: {items}",
    told_apart_by_first=(
        "gezählt wird, wie viele verschiedene Werte es von der ersten dieser Angaben gibt, die da ist, ohne"
        " festzuhalten, welche: {items}"
    ),
    column="{title} ({reduced})",
    tally=(
        "Wie oft jede Art von Information aufbewahrt, vergröbert, gezählt oder verworfen wurde und warum, nach Tag,"
        " Anwendung und Zweck; und welche Felder gesendet wurden, benötigt oder nicht, von welcher Version welcher"
        " Software: damit wir sehen, dass geschieht, was hier steht."
    ),
    purpose="„{key}“: {says} ({ground}).",
    limit="Hierfür bleibt nichts länger als {duration} gespeichert.",
    no_stay="Hierfür bleibt nichts gespeichert.",
    further=(
        "Was wir hierfür aufbewahren, darf auch gelesen werden, {says}. Warum das angemessen ist, haben wir abgewogen:"
        " {factors}."
    ),
    no_service="Was immer Sie ablehnen: Nichts, was wir anbieten, endet damit.",
    needs_nothing="Um {service}, brauchen wir nichts über Sie.",
    depends=(
        "Was wir davon erheben, hängt davon ab, welche Dienste Sie nutzen: Was der Vertrag mit Ihnen erfordert, erheben"
        " wir nur dort, wo der Dienst angeboten wird, der es braucht."
    ),
    unserved=(
        "Von dem, was „{app}“ sendet, nutzen wir nichts, {purposes}: Kein Dienst, der es braucht, wird dort angeboten."
    ),
    stops="Um {service}, brauchen wir: {needs}. Ohne das ist es nicht möglich.",
    worsens="Damit es gut gelingt, {service}, brauchen wir: {needs}. Ohne das gelingt es schlechter.",
    need="{items} ({says})",
    one_of="wahlweise {others} oder {last}",
    withdrawal=(
        "Eine Einwilligung können Sie jederzeit widerrufen; was bis dahin geschehen ist, bleibt davon unberührt."
    ),
    signals={
        "gpc": "Sendet Ihr Browser Global Privacy Control, so lehnen Sie damit ab, was wir tun, {purposes}.",
        "tcf": (
            "Teilt uns eine Seite oder App über das Transparency and Consent Framework mit, dass Sie nicht eingewilligt"
            " haben, so lehnen Sie damit, soweit es reicht, ab, was wir tun, {purposes}."
        ),
        "gpp": (
            "Teilt uns eine Seite oder App über die Global Privacy Platform mit, dass Sie widersprochen haben, so"
            " lehnen Sie damit, soweit es reicht, ab, was wir tun, {purposes}."
        ),
        "categories": (
            "Teilt uns eine App mit dem, was sie sendet, Ihre Ablehnung mit, so gilt sie für das, was wir tun,"
            " {purposes}."
        ),
    },
    outweighed=(
        "Was Sie bei uns für einen Zweck ausdrücklich wählen, geht Global Privacy Control und einem solchen Widerspruch"
        " vor."
    ),
    holds="Ihre Wahl gilt überall dort, wo wir erhalten, womit sie getroffen wurde: {names}.",
    unheard=(
        "Nichts, was wir erhalten, benennt Sie; deshalb kann unser Programm Ihre Wahl nicht von der anderer"
        " unterscheiden: Was nur mit Ihrer Einwilligung erhoben wird, erhebt es nicht, und was Sie ablehnen können,"
        " lehnen Sie in dem Programm ab, das es sendet."
    ),
    stored="Gespeichert wird es hier: {places}.",
    stays="{duration}, {says}: {items}.",
    stays_with_account="bis Sie Ihr Konto bei uns löschen lassen, {says}: {items}.",
    stays_not="gar nicht, nur vergröbert oder gezählt, {says}: {items}.",
    region_told=(
        "Welches Recht für Sie gilt, erkennen wir hieran: {items}. Nur dazu wird dies gelesen. Wo es Ihr Land nicht"
        " verrät, gilt alles Folgende."
    ),
    region_untold="Nichts verrät uns, wo Sie sind; deshalb gilt alles Folgende.",
    law="{places}: {demand}",
    law_consent="Nur mit Ihrer Einwilligung erheben und verwenden wir, was nötig ist, {says}.",
    law_forbid="Wir erheben nicht: {items}.",
    law_bar="Wir erheben nicht, {says}: {items}.",
    law_longest="Höchstens {duration} bleibt gespeichert, was nötig ist, {says}.",
    law_final="Global Privacy Control und ein solcher Widerspruch gelten, was immer Sie gewählt haben.",
    law_age="Ab einem Alter von {age} Jahren können Sie selbst einwilligen.",
    no_verdict=(
        "Nichts, was rechtliche Folgen für Sie hat oder Sie ähnlich erheblich beeinträchtigt, wird allein von"
        " Programmen entschieden."
    ),
    verdict=(
        "Ein Programm allein entscheidet {decides} – {says} ({ground}). Wie: {logic}. Was folgen kann: {consequences}."
        " Sie können verlangen, dass ein Mensch dies prüft, Ihren Standpunkt darlegen und die Entscheidung anfechten:"
        " Schreiben Sie an {contact}."
    ),
    nobody="Niemand: Wir geben nichts über Sie weiter.",
    told="{name} ({country}), {role}, darf erfahren: {items} – {says}.{transfer}",
    transfer=" Außerhalb des Europäischen Wirtschaftsraums ist die Grundlage hierfür: {ground}.",
    ask=(
        "Schreiben Sie an {contact}, wenn Sie sehen, berichtigen oder löschen lassen möchten, was wir über Sie"
        " speichern, wenn Sie seine Verwendung einschränken lassen oder es in maschinenlesbarer Form erhalten möchten,"
        " oder wenn Sie widersprechen möchten."
    ),
    address="Unsere Postanschrift: {address}.",
    officer="Fragen zum Datenschutz richten Sie an unsere Datenschutzbeauftragten: {officer}.",
    representative="Unsere Vertretung in der Europäischen Union: {representative}.",
    complain="Beschweren können Sie sich bei dieser Stelle: {authority}.",
    any_authority=(
        "die Aufsichtsbehörde an Ihrem Wohnort, an Ihrem Arbeitsplatz oder an dem Ort, an dem Sie einen Verstoß"
        " vermuten"
    ),
    field_asked="Wir fragen danach, {whys}.",
    field_why="{says} ({ground})",
    field_stops="Ohne diese Angabe ist es nicht möglich, {services}.",
    field_worsens="Ohne diese Angabe gelingt es schlechter, {services}.",
    field_instead="{service} (außer Sie geben stattdessen an: {items})",
    field_free="Sie können das Feld leer lassen; das hat keine Folgen.",
    field_fixed="Dies hängt nicht von Ihrer Wahl ab.",
    field_more="Mehr dazu: {notice}",
    skip="Zum Inhalt springen",
    contents="Inhalt",
    languages="Sprachen",
    link_to="Link zu diesem Abschnitt: {heading}",
    edition="Version {version} der Erklärung. Was sie nicht sagt, wird nicht erhoben.",
)
