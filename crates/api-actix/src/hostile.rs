//! Property tests of hostile input: nothing panics, and nothing invalid is accepted. Each runs 256 times, or
//! `PROPTEST_CASES` times.

use crate::{
    http::{client, config::HttpConfig, representation::Representation},
    input::{entity_tag, fault::Faults},
    routes::{project::PatchProjectBody, task::body::PatchTaskBody, todo::change::PatchTodoBody},
};
use actix_web::{
    http::{
        StatusCode,
        header::{ACCEPT, HeaderMap, HeaderValue, IF_MATCH, IF_NONE_MATCH},
    },
    test::TestRequest,
    web::Data,
};
use deserr::Deserr;
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Map, Value, json};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Any bytes that HTTP lets through in a header.
fn header() -> impl Strategy<Value = HeaderValue> {
    vec(any::<u8>(), 0..60).prop_filter_map("no header", |bytes| HeaderValue::from_bytes(&bytes).ok())
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        select(&["todo", "in_progress", "done", "low", "high", "active", "archived", "Done", "", " \t\n"][..])
            .prop_map(str::to_owned),
        select(DUES).prop_map(str::to_owned),
        "\\PC{0,20}",
        "[ a\u{0}\u{1F422}]{0,8}",
        (190..210_usize).prop_map(|length| " é".repeat(length / 2) + &"x".repeat(length)),
        (9_998..10_003_usize).prop_map(|length| "🐢".repeat(length)),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        3 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        2 => any::<i64>().prop_map(Value::from),
        1 => any::<u64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        8 => text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            vec(("[a-z]{1,3}", inner), 0..3).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// A day and two instants.
const DUES: &[&str] = &["2026-12-01", "2026-12-01T09:30:00Z", "9999-12-31T23:59:59.999999999+00:00"];

const FIELDS: &[&str] = &[
    "title",
    "name",
    "description",
    "status",
    "priority",
    "assignee_id",
    "due",
    "reminders",
    "labels",
    "parent_id",
    "position",
    "completed_at",
    "completed",
    "role",
    "id",
    "Title",
    "",
];

fn patch() -> impl Strategy<Value = Value> {
    let members = vec((select(FIELDS).prop_map(str::to_owned), value()), 0..4);
    prop_oneof![
        9 => members.prop_map(|members| Value::Object(members.into_iter().collect())),
        1 => value(),
    ]
}

fn is_text(value: &Value, min: usize, max: usize) -> bool {
    value.as_str().is_some_and(|text| !text.contains('\0') && (min..=max).contains(&text.trim().chars().count()))
}

fn is_one_of(value: &Value, words: &[&str]) -> bool {
    value.as_str().is_some_and(|text| words.contains(&text))
}

/// Whether the contract allows the patch, computed independently of the code under test.
fn may_be_taken(patch: &Value, may: impl Fn(&str, &Value) -> bool) -> bool {
    patch.as_object().is_some_and(|members: &Map<_, _>| members.iter().all(|(name, value)| may(name, value)))
}

fn due(value: &Value) -> bool {
    value.is_null() || is_one_of(value, DUES)
}

fn is_array(value: &Value, is_element: impl Fn(&Value) -> bool) -> bool {
    value.as_array().is_some_and(|elements| elements.iter().all(is_element))
}

fn description(value: &Value) -> bool {
    value.is_null() || is_text(value, 0, 10_000)
}

/// A patch that is allowed is accepted; any other is refused with 400 and its faults.
fn judge<T: Deserr<Faults>>(patch: &Value, may: bool) -> Result<(), TestCaseError> {
    match deserr::deserialize::<T, _, Faults>(patch.clone()) {
        Ok(_) => prop_assert!(may, "taken: {patch}"),
        Err(faults) => {
            prop_assert!(!may, "refused: {patch}");
            let error = crate::http::error::ApiError::from(faults);
            prop_assert_eq!(error.code.status(), StatusCode::BAD_REQUEST);
            prop_assert!(!error.details.is_empty());
        }
    }
    Ok(())
}

const PROXY: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);

/// Returns the client's address where all of 10.0.0.0/8 is trusted as proxies.
fn seen(peer: IpAddr, forwarded: &[HeaderValue]) -> Option<IpAddr> {
    let config = HttpConfig { trusted_proxies: "10.0.0.0/8".parse().into_iter().collect(), ..HttpConfig::default() };
    let request = TestRequest::default().app_data(Data::new(config)).peer_addr(SocketAddr::new(peer, 1));
    let add = |request: TestRequest, line: &HeaderValue| request.append_header(("x-forwarded-for", line.clone()));
    client::ip(&forwarded.iter().fold(request, add).to_http_request())
}

fn stranger() -> impl Strategy<Value = IpAddr> {
    any::<Ipv4Addr>().prop_filter("trusted", |address| address.octets()[0] != 10).prop_map(IpAddr::V4)
}

fn accepting(value: HeaderValue) -> Representation {
    Representation::negotiate("/projects", &HeaderMap::from_iter([(ACCEPT, value)]))
}

proptest! {
    #[test]
    fn a_merge_patch_is_accepted_exactly_if_each_field_is(patch in patch()) {
        judge::<PatchTaskBody>(&patch, may_be_taken(&patch, |name, value| match name {
            "title" => is_text(value, 1, 200),
            "description" => description(value),
            "status" => is_one_of(value, &["todo", "in_progress", "done"]),
            "priority" => is_one_of(value, &["low", "medium", "high"]),
            "assignee_id" | "parent_id" => value.is_null() || value.as_i64().is_some(),
            "due" => due(value),
            "reminders" => is_array(value, |instant| is_one_of(instant, &DUES[1..])),
            "labels" => is_array(value, |id| id.as_i64().is_some()),
            _ => false,
        }))?;
        judge::<PatchProjectBody>(&patch, may_be_taken(&patch, |name, value| match name {
            "name" => is_text(value, 1, 200),
            "description" => description(value),
            "status" => is_one_of(value, &["active", "archived"]),
            _ => false,
        }))?;
        judge::<PatchTodoBody>(&patch, may_be_taken(&patch, |name, value| match name {
            "title" => is_text(value, 1, 200),
            "description" => description(value),
            "completed" => value.is_boolean(),
            "due" => due(value),
            _ => false,
        }))?;
    }

    #[test]
    fn any_bytes_in_a_header_are_survived(line in header(), more in header()) {
        accepting(line.clone());
        let headers = HeaderMap::from_iter([(IF_MATCH, line.clone()), (IF_NONE_MATCH, line.clone())]);
        let _ = (entity_tag::if_match(&headers), entity_tag::if_none_match(&headers));
        let seen = seen(PROXY.into(), &[line.clone(), more.clone()]);
        let said = [line.as_bytes(), more.as_bytes()].concat();
        let is_said = seen.is_some_and(|ip| String::from_utf8_lossy(&said).contains(&ip.to_string()));
        prop_assert!(seen == Some(PROXY.into()) || is_said || seen.is_some_and(|ip| ip.is_ipv6()));
    }

    #[test]
    fn what_a_client_writes_before_the_proxies_do_changes_nothing(
        forged in "[ -~]{0,40}", stranger in stranger(), hops in vec(any::<[u8; 3]>(), 0..4)
    ) {
        let hops = hops.iter().map(|[a, b, c]| format!("10.{a}.{b}.{c}"));
        let line: Vec<_> = [forged, stranger.to_string()].into_iter().chain(hops).collect();
        let line = HeaderValue::try_from(line.join(", ")).unwrap();
        prop_assert_eq!(seen(PROXY.into(), std::slice::from_ref(&line)), Some(stranger));
        // Whoever comes without a proxy is who comes.
        prop_assert_eq!(seen(stranger, &[line]), Some(stranger));
    }

    #[test]
    fn the_representation_of_the_greatest_weight_is_chosen(
        ranges in vec((any::<bool>(), 0..=1000_u16, "[ \t]{0,2}"), 1..5)
    ) {
        let line = |(bare, weight, space): &(bool, u16, String)| {
            let name = if *bare { "bare" } else { "envelope" };
            format!("{space}application/vnd.fasttrack.{name}+json;q={}.{:03}", weight / 1000, weight % 1000)
        };
        let accept = ranges.iter().map(line).collect::<Vec<_>>().join(",");
        let best = ranges.iter().map(|(_, weight, _)| *weight).max().filter(|weight| *weight > 0);
        let bare = best.and_then(|best| ranges.iter().find(|(_, weight, _)| *weight == best)).is_some_and(|(bare, ..)| *bare);
        let wanted = if bare { Representation::Bare } else { Representation::Envelope };
        prop_assert_eq!(accepting(HeaderValue::try_from(&accept).unwrap()), wanted, "{}", accept);
    }
}

#[test]
fn the_judge_knows_what_is_good() {
    let patch = json!({
        "title": " a ", "description": null, "status": "done", "priority": "low", "assignee_id": 7, "due": DUES[0],
        "reminders": DUES[1..], "labels": [3, 4, 3], "parent_id": null
    });
    judge::<PatchTaskBody>(&patch, true).unwrap();
    assert!(judge::<PatchTaskBody>(&patch, false).is_err());
}
