"""Looking up by what many share: an address of the sender, in a running house."""

from running import House

HERE, ELSEWHERE = "192.0.2.77", "192.0.2.78"
ADA, BOB = "00000000000000a1", "00000000000000b2"


def page(device: str, address: str) -> dict[str, object]:
    """A page shown on a device, sent from an address."""
    about = {"id": device, "model": f"Model {device[-2:]}"}
    return {"type": "page", "userId": f"u-{device}", "context": {"ip": address, "device": about}}


def test_an_address_leads_to_what_the_purpose_may_read_of_all_who_shared_it(house: House) -> None:
    """Devices and addresses kept against fraud, of both; nothing for another purpose, and nothing from elsewhere."""
    house.segment([page(ADA, HERE), page(BOB, HERE), page(BOB, ELSEWHERE)])
    found = house.person(HERE, "prevent-fraud")

    assert {ADA, BOB} == set(found["device.android_id"])
    assert {"Model a1", "Model b2"} == set(found["device.model"])
    assert {HERE} == set(found["net.ip"])
    assert {} == house.person(HERE, "run-account")
    assert [{HERE}, {HERE, ELSEWHERE}] == [set(house.person(who, "prevent-fraud")["net.ip"]) for who in (ADA, BOB)]


def test_forgetting_an_address_is_refused_in_words_and_forgetting_who_shared_it_is_not(house: House) -> None:
    """Nobody's wish reaches others: Ada is forgotten under her device, and Bob's address still leads to Bob."""
    house.segment([page(ADA, HERE), page(BOB, HERE)])
    said = house.command("forget", typed=HERE, ok=False)
    house.command("forget", typed=ADA)

    assert "many may share this identifier" in said
    assert HERE not in said
    assert {BOB} == set(house.person(HERE, "prevent-fraud")["device.android_id"])
