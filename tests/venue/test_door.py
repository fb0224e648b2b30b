"""Who may ask for what at the venue's door, and what it says of a request that it cannot serve."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from engine.venue.passage import Asked
from engine.venue.server.keys import Key, KeyRing

if TYPE_CHECKING:
    from conftest import AtTheDoor

BASE = "/api/v3/brokerage"
HOST = "127.0.0.1:8443"
PRIVATE = (
    "/accounts",
    "/products",
    "/orders/historical/batch",
    "/orders/historical/fills",
    "/transaction_summary",
    "/key_permissions",
    "/portfolios",
)
PUBLIC = (
    "/time",
    "/market/products",
    "/market/products/BTC-USD",
    "/market/products/BTC-USD/ticker",
)


@pytest.mark.parametrize("path", PRIVATE)
def test_private_paths_ask_for_a_key(at_the_door: AtTheDoor, path: str) -> None:
    """Without a key they are refused with 401, with any key that may look they answer."""
    assert at_the_door.ask("GET", path, label=None)[0] == 401
    assert [at_the_door.ask("GET", path, label=each)[0] for each in ("view", "ed25519")] == [
        200
    ] * 2


@pytest.mark.parametrize("path", PUBLIC)
def test_public_paths_ask_for_none(at_the_door: AtTheDoor, path: str) -> None:
    """They answer without a key, and with one; a wrong one is refused all the same."""
    assert [at_the_door.ask("GET", path, label=each)[0] for each in (None, "es256")] == [200] * 2
    wrong = Asked("GET", BASE + path, (), (("host", HOST), ("authorization", "Bearer x.y.z")))
    assert at_the_door.answered(wrong).status == 401


def test_rights_are_told_apart(at_the_door: AtTheDoor) -> None:
    """Who may only look cannot trade, who may trade cannot transfer, and each is told so."""
    body = {"order_ids": ["none"]}
    trades = [
        at_the_door.ask("POST", "/orders/batch_cancel", body=body, label=label)[0]
        for label in ("view", "es256", "ed25519", "transfer")
    ]
    assert trades == [403, 200, 200, 200]
    paid = {"currency": "USD", "units": "1"}
    moves = [
        at_the_door.ask("POST", "/venue/transfer", body=paid, label=label)[0]
        for label in ("view", "es256", "transfer")
    ]
    assert moves == [403, 403, 200]
    rights = [
        [told[key] for key in ("can_view", "can_trade", "can_transfer")]
        for label in ("view", "es256", "transfer")
        for _, told in [at_the_door.ask("GET", "/key_permissions", label=label)]
    ]
    assert rights == [[True, False, False], [True, True, False], [True, True, True]]


Change = dict[str, object]


@pytest.mark.parametrize(
    ("why", "claims", "headers", "status"),
    [
        ("as the official client signs", {}, {}, 200),
        ("as ccxt signs", {"iss": "coinbase-cloud", "aud": ["retail_rest_api_proxy"]}, {}, 200),
        ("with a list of requests", {"uri": None, "uris": [f"GET {HOST}{BASE}/accounts"]}, {}, 200),
        ("for another path", {"uri": f"GET {HOST}{BASE}/products"}, {}, 401),
        ("for another method", {"uri": f"POST {HOST}{BASE}/accounts"}, {}, 401),
        ("for another host", {"uri": f"GET api.coinbase.com{BASE}/accounts"}, {}, 401),
        ("for no request", {"uri": None}, {}, 401),
        ("by another issuer", {"iss": "somebody"}, {}, 401),
        ("by another subject", {"sub": "somebody"}, {}, 401),
        ("too late", {"exp": 1}, {}, 401),
        ("too early", {"nbf": 9_999_999_999}, {}, 401),
        ("without a time", {"exp": None}, {}, 401),
        ("by a key that does not exist", {}, {"kid": "none"}, 401),
        ("by a key without a name", {}, {"kid": None}, 401),
    ],
)
def test_tokens(
    at_the_door: AtTheDoor, why: str, claims: Change, headers: Change, status: int
) -> None:
    """A token counts for its own request, in its time, by a key of this venue."""
    del why
    key = json.loads(at_the_door.home.key_files["es256"].read_bytes())
    now_s = at_the_door.clock.now().ns // 10**9
    told: Change = {
        "sub": key["name"],
        "iss": "cdp",
        "nbf": now_s,
        "exp": now_s + 120,
        "uri": f"GET {HOST}{BASE}/accounts",
        **claims,
    }
    kept = {name: value for name, value in told.items() if value is not None}
    named = {name: value for name, value in {"kid": key["name"], **headers}.items() if value}
    token = jwt.encode(kept, key["privateKey"], algorithm="ES256", headers=named)
    asked = Asked(
        "GET", f"{BASE}/accounts", (), (("host", HOST), ("authorization", f"bearer {token}"))
    )
    assert at_the_door.answered(asked).status == status


def test_a_token_of_another_venues_key_is_refused(at_the_door: AtTheDoor) -> None:
    """The name alone opens nothing: the signature must be the named key's."""
    names = [
        json.loads(at_the_door.home.key_files[each].read_bytes()) for each in ("es256", "view")
    ]
    now_s = at_the_door.clock.now().ns // 10**9
    claims = {
        "sub": names[0]["name"],
        "iss": "cdp",
        "nbf": now_s,
        "exp": now_s + 120,
        "uri": f"GET {HOST}{BASE}/accounts",
    }
    headers = {"kid": names[0]["name"]}
    token = jwt.encode(claims, names[1]["privateKey"], algorithm="ES256", headers=headers)
    asked = Asked(
        "GET", f"{BASE}/accounts", (), (("host", HOST), ("authorization", f"Bearer {token}"))
    )
    assert at_the_door.answered(asked).status == 401


ORDER = {"client_order_id": "c", "product_id": "BTC-USD", "side": "BUY"}


def configured(**changes: object) -> dict[str, object]:
    """An order's body with this configuration."""
    return {**ORDER, "order_configuration": changes}


GTC = {"base_size": "0.01", "limit_price": "60000"}
UNSUPPORTED = "UNSUPPORTED_ORDER_CONFIGURATION"
LATE = "2099-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b'{"a": 1, "a": 2}', 400),
        ({**ORDER, "order_configuration": "x"}, 400),
        (configured(limit_limit_gtc="x"), 400),
        (configured(limit_limit_gtc={**GTC, "base_size": "lots"}), 400),
        (configured(limit_limit_gtc={**GTC, "post_only": "yes"}), 400),
        (configured(limit_limit_gtd={**GTC, "end_time": "soon"}), 400),
        (configured(), UNSUPPORTED),
        (configured(limit_limit_gtc=GTC, sor_limit_ioc=GTC), UNSUPPORTED),
        (configured(twap_limit_gtd=GTC), UNSUPPORTED),
        (configured(limit_limit_gtc={"base_size": "1"}), UNSUPPORTED),
        (configured(market_market_ioc=GTC), UNSUPPORTED),
        (configured(limit_limit_fok={"quote_size": "9", "limit_price": "9"}), UNSUPPORTED),
        (configured(sor_limit_ioc={**GTC, "post_only": True}), UNSUPPORTED),
        (configured(market_market_ioc={}), "INVALID_REQUEST"),
        (configured(market_market_ioc={"base_size": "1", "quote_size": "1"}), "INVALID_REQUEST"),
        (configured(limit_limit_gtd=GTC), "INVALID_REQUEST"),
        (
            configured(limit_limit_gtc={**GTC, "end_time": LATE}),
            "INVALID_REQUEST",
        ),
        ({**configured(limit_limit_gtc=GTC), "client_order_id": ""}, "INVALID_REQUEST"),
        ({**configured(limit_limit_gtc=GTC), "side": "HOLD"}, "INVALID_SIDE"),
        ({**configured(limit_limit_gtc=GTC), "product_id": "B T C"}, "INVALID_PRODUCT_ID"),
        ({**configured(limit_limit_gtc=GTC), "leverage": "3", "more": {}}, True),
        (configured(limit_limit_gtc=GTC, market_market_ioc=None), True),
        (configured(limit_limit_gtc={"base_size": 1, "limit_price": 60000}), True),
    ],
)
def test_orders_are_read_as_clients_write_them(
    at_the_door: AtTheDoor,
    body: object,
    expected: int | str | bool,  # noqa: FBT001 - a table's column
) -> None:
    """A body that is none is a 400; an order that is none is a 200 that says no, in a word."""
    status, told = at_the_door.ask("POST", "/orders", body=body)
    if isinstance(expected, bool):
        assert (status, told["success"]) == (200, True)
    elif isinstance(expected, int):
        assert (status, told["error"]) == (expected, "INVALID_ARGUMENT")
    else:
        refused = told["error_response"]
        assert isinstance(refused, dict)
        assert (status, told["success"], refused["error"]) == (200, False, expected)


@pytest.mark.parametrize(
    ("method", "path", "query", "status"),
    [
        ("GET", "/nothing", (), 404),
        ("DELETE", "/orders", (), 404),
        ("GET", "/products/NO-NE", (), 404),
        ("GET", "/product_book", (), 404),
        ("GET", "/products/NO-NE/ticker", (), 404),
        ("GET", "/products/NO-NE/candles", (), 404),
        ("GET", "/accounts/none", (), 404),
        ("GET", "/v2/accounts/none", (), 404),
        ("GET", "/v2/accounts/none/transactions", (), 404),
        ("GET", "/v2/accounts", (("limit", "x"),), 400),
        ("GET", "/v2/accounts", (("starting_after", "x"),), 400),
        ("GET", "/accounts", (("limit", "x"),), 400),
        ("GET", "/accounts", (("cursor", "?"),), 400),
        ("GET", "/accounts", (("cursor", "a"),), 400),
        ("GET", "/products/BTC-USD/candles", (("granularity", "ONE_YEAR"),), 400),
        ("GET", "/orders/historical/batch", (("cursor", "eHk="),), 400),
        ("GET", "/orders/historical/batch", (("start_date", "yesterday"),), 400),
        ("GET", "/orders/historical/fills", (("limit", "-1"),), 400),
        (
            "GET",
            "/products/BTC-USD/candles",
            (("granularity", "ONE_MINUTE"), ("start", "0"), ("end", "60000")),
            400,
        ),
        ("POST", "/orders/batch_cancel", (), 400),
    ],
)
def test_what_is_not_there(
    at_the_door: AtTheDoor, method: str, path: str, query: tuple[tuple[str, str], ...], status: int
) -> None:
    """What does not exist is a 404, what cannot be asked a 400, always with a word."""
    answered, told = at_the_door.ask(method, path, query)
    assert answered == status
    assert "error" in told or "errors" in told


@pytest.mark.parametrize(
    ("word", "body"),
    [
        ("transfer", {"currency": "USD", "units": "-1000000"}),
        ("transfer", {"currency": "USD"}),
        ("product", {"product_id": "NO-NE", "status": "halted"}),
        ("dance", {}),
    ],
)
def test_deeds_that_cannot_be_done(at_the_door: AtTheDoor, word: str, body: object) -> None:
    """An operator's hand is told why nothing happened, and nothing did."""
    status, told = at_the_door.ask("POST", f"/venue/{word}", body=body, label="transfer")
    assert (status, told["error"]) == (400, "INVALID_ARGUMENT")
    assert at_the_door.venue.transfers == []


def test_keys_of_other_kinds_are_none(at_the_door: AtTheDoor) -> None:
    """A register that holds a key of a kind that no client signs with is refused at the start."""
    private = generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(TypeError, match="another kind"):
        KeyRing([Key("k", "RS256", frozenset(), pem.decode())])
    name = json.loads(at_the_door.home.key_files["ed25519"].read_bytes())["name"]
    known = at_the_door.home.ring.of(name)
    assert known is not None
    assert known.algorithm == "EdDSA"


def test_a_hundred_cancels_and_not_one_more(at_the_door: AtTheDoor) -> None:
    """A batch of a hundred is answered one by one, a longer one is refused."""
    ids = [at_the_door.order(number) for number in range(3)]
    _, told = at_the_door.ask("POST", "/orders/batch_cancel", body={"order_ids": [*ids, 7]})
    results = told["results"]
    assert isinstance(results, list)
    assert [each["success"] for each in results] == [True, True, True, False]
    many = {"order_ids": ["none"] * 101}
    assert at_the_door.ask("POST", "/orders/batch_cancel", body=many)[0] == 400


def test_an_account_is_told_by_its_id(at_the_door: AtTheDoor) -> None:
    """Each listed account is found under its own id, in both interfaces."""
    _, told = at_the_door.ask("GET", "/accounts")
    accounts = told["accounts"]
    assert isinstance(accounts, list)
    for each in accounts:
        one = at_the_door.ask("GET", f"/accounts/{each['uuid']}")[1]["account"]
        older = at_the_door.ask("GET", f"/v2/accounts/{each['uuid']}")[1]["data"]
        assert one == each
        assert isinstance(older, dict)
        assert older["currency"]["code"] == each["currency"]


def test_previews_say_what_would_be(at_the_door: AtTheDoor) -> None:
    """A preview tells price, fee and size, or the word that stands in the way, and does nothing."""
    body = configured(market_market_ioc={"quote_size": "100"})
    del body["client_order_id"]
    _, told = at_the_door.ask("POST", "/orders/preview", body=body)
    assert (told["errs"], told["best_ask"], told["average_filled_price"]) == ([], "68001", "68001")
    poor = configured(limit_limit_gtc={"base_size": "90", "limit_price": "60000"})
    _, told = at_the_door.ask("POST", "/orders/preview", body=poor)
    assert told["errs"] == ["PREVIEW_INSUFFICIENT_FUND"]
    nothing = configured(limit_limit_gtc=GTC) | {"product_id": "x"}
    _, told = at_the_door.ask("POST", "/orders/preview", body=nothing)
    assert told["errs"] == ["PREVIEW_INVALID_PRODUCT_ID"]
    assert at_the_door.venue.fate.orders() == []


def test_edits_over_the_wire(at_the_door: AtTheDoor) -> None:
    """An edit, its preview, and each refusal have the venue's words."""
    order_id = at_the_door.order(1)
    # Nearly all the money is bound by the order: its edit may use it again.
    all_of_it = {"order_id": order_id, "price": "60000", "size": "1.6"}
    assert at_the_door.ask("POST", "/orders/edit", body=all_of_it)[1]["success"] is True
    _, told = at_the_door.ask("POST", "/orders/edit_preview", body=all_of_it)
    assert (told["errors"], told["base_size"]) == ([], "1.6")
    for path in ("/orders/edit", "/orders/edit_preview"):
        _, told = at_the_door.ask("POST", path, body={**all_of_it, "order_id": "none"})
        assert told["errors"] == [
            {
                "edit_failure_reason": "ORDER_NOT_FOUND",
                "preview_failure_reason": "UNKNOWN_PREVIEW_FAILURE_REASON",
            }
        ]
    _, told = at_the_door.ask("POST", "/orders/edit", body={**all_of_it, "price": "1.001"})
    assert told["success"] is False
    at_the_door.ask("POST", "/orders/batch_cancel", body={"order_ids": [order_id]})
    _, taken = at_the_door.ask(
        "POST",
        "/orders",
        body=configured(limit_limit_gtd={**GTC, "end_time": LATE}),
    )
    later = taken["success_response"]
    assert isinstance(later, dict)
    _, told = at_the_door.ask(
        "POST", "/orders/edit", body={**all_of_it, "order_id": later["order_id"]}
    )
    errors = told["errors"]
    assert isinstance(errors, list)
    assert errors[0]["edit_failure_reason"] == "ONLY_LIMIT_ORDER_EDITS_SUPPORTED"
